"""The instrumentation key of a benchmark, where a detached sender can import it from. Made up."""

IKEY = "0123456789abcdef0123456789abcdef-11111111-2222-3333-4444-555555555555-7000"
