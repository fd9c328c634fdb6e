"""The example's instrumentation key: made up, of no tenant, good for a loopback collector only."""

IKEY = "0123456789abcdef0123456789abcdef-00000000-0000-0000-0000-000000000000-0000"
