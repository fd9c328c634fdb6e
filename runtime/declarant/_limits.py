"""Every number that bounds the runtime, with its source."""

from __future__ import annotations

#: Events in one request. Source: onecollector facts 1.6, 1DS JS `maxEvtPerBatch` ceiling.
MAX_BATCH_EVENTS = 500

#: Bytes of one request before compression, separators included; the smallest that a known client
#: uses. Source: onecollector facts 1.6, 1DS C++ RuntimeConfig_Default.hpp.
MAX_BATCH_BYTES = 2_097_152

#: Bytes of one stored line. Far below any client's limit of one event (2,000,000 bytes,
#: onecollector facts 1.6). The rule EVENT_TOO_LARGE refuses schemas that plain text would take
#: there; text of many escapes or foreign letters can exceed it, and is dropped.
MAX_EVENT_BYTES = 262_144

#: A segment is sealed at this size, so that sending and trimming work in small steps.
SEGMENT_BYTES = 4 * 1_048_576

#: Default bounds of what one product keeps for one user (docs/design: runtime, Bounds).
STORE_BYTES = 64 * 1_048_576
STORE_AGE_S = 14 * 86_400

#: Segments up to this size are small. More small ones than STORE_SEGMENTS are merged, which
#: bounds the number of files: the others are bounded by STORE_BYTES.
SMALL_SEGMENT_BYTES = SEGMENT_BYTES // 8
STORE_SEGMENTS = 64

#: Most segments that one merge takes in: it holds a descriptor of each.
MERGE_SEGMENTS = 64

#: Where the file system has no locks, a segment counts as abandoned after this long without a line.
UNLOCKED_AGE_S = 3600.0

#: A half-made file of a process that died is removed after this.
LEFTOVER_AGE_S = 600.0

#: Different reasons for refusals that are counted apart: they come from outside.
MAX_REFUSAL_REASONS = 32

#: Bodies below this are sent as they are: gzip's own frame would eat the gain.
MIN_GZIP_BYTES = 600

#: Envelopes are alike, so that the quickest level makes a body of 100 varied events only 15 %
#: larger than the usual one (6) does, in a quarter of its time, a third of a sender's work before.
GZIP_LEVEL = 1

#: Bytes of an answer that are read at all; real answers stay under 1 KiB.
MAX_ANSWER_BYTES = 65_536

#: With less time than this a request may be cut by its sender's own deadline rather than by
#: READ_TIMEOUT_S: the first requests then hold this many events, so that few can arrive twice.
SHORT_OF_TIME_S = 5.0
FIRST_BATCH_EVENTS = 50

#: No request is started with less time than this: a connection, TLS and an answer take four round
#: trips, of 10 ms at the least beyond the local network.
SHORTEST_REQUEST_S = 0.04

#: Seconds to connect, and between two bytes of an answer.
CONNECT_TIMEOUT_S = 3.05
READ_TIMEOUT_S = 5.0

#: A detached sender ends itself after this, whatever the network does.
SENDER_LIFE_S = 30.0

#: Backoff between failing sends: doubles from the first to the last, each drawn from
#: [delay, 2 * delay]. Source: onecollector facts B49 (1DS C++ "E,3000,300000,2,1").
BACKOFF_FIRST_S = 3.0
BACKOFF_LAST_S = 300.0

#: Longest wait that a collector's Retry-After is believed: with an absurd one the product asks once
#: a day instead of never.
RETRY_AFTER_LAST_S = 86_400.0

#: Longest silence that one kill order is believed. The only one seen live lasts a day (onecollector
#: facts 2.4); whoever means longer repeats the order when it is asked again.
KILL_LAST_S = 7 * 86_400.0

#: A process looks this often whether another one was told to be silent.
KILL_REREAD_S = 60.0

#: Kill orders and bytes of the file that remembers them.
MAX_KILLS = 256
MAX_KILLS_BYTES = 65_536

#: A longer kill-token is none. Source: onecollector facts B38.
MAX_TOKEN_CHARS = 256

#: What is remembered with a time this far in the future is not believed: the clock was set back.
CLOCK_SLACK_S = 60.0

#: Requests of one pass that may go into finding the events that spoil a batch: 15 poisoned events
#: in 500 need about this many. The rest of the batch waits for the next pass.
ISOLATION_REQUESTS = 256

#: After so many refusals in a row, nothing having been accepted in between, what is refused is cut
#: no further until something is accepted: a catalogue of which the collector takes nothing must not
#: cost it two requests for each event. Reached only behind more than 25 poisoned events in a row;
#: the parts not yet sent are still sent, whole.
ISOLATION_REFUSALS = 64
#: Seconds that the question about consent waits for an answer. Source: ecosystem facts 2.2.
ANSWER_S = 60.0

#: Seconds for which a process that wants the device id waits for another that is making it.
DEVICE_ID_TURN_S = 2.0
