"""`make bench`: every figure of benchmarks/README.md, in one run."""

from benchmarks import contract, http, taps

if __name__ == "__main__":
    contract.main()
    print()
    http.main()
    print()
    taps.main()
