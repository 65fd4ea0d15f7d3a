"""The fast path: a definition as a msgspec type, whose decoding proves that an event conforms.

It only ever accepts. Whatever it refuses, or cannot say, takes the way of every other event (`parse_json`,
`Contract.check`), which alone finds violations.

From a definition to an event, in the order of reading: `schema_types` turns a schema into a type, with
`narrow_patterns` and `narrow_formats` for its texts; `fast_contract` holds the decoder of a contract; `event_outline`
reads what stands around the properties of an event; `fast_batch` reads the events of a body.
"""
