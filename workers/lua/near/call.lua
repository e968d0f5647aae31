-- Remembers pages that are new, and tells which are not: the memory's part of a commit, alone.
--
-- KEYS
--   1 head    hash    see near/ring.lua
--   2 ring    prefix  of the names of the ring's strings
--   3 exact   prefix  of the names of the strings of the table of bytes and texts
--   4 near    prefix  of the names of the strings of the table of index keys
--
-- ARGV
--   1 pages to remember   2 milliseconds to remember them   3 the thresholds, one blank apart
--   then for each page: id, bytes key, text key, address key, index keys, sketch
--
-- Answers for each page: "new"; "bytes" or "text" and the id of the record; or "near", the id, and the similarity,
-- containment and figures in thousandths and the rule.

local HEAD, RING, EXACT, NEAR = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local call = redis.call

