"""Settings of the contract's tests."""

from hypothesis import settings

# A busy machine is slow now and then; how long an example takes is what the tests on time are for.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
