-- What is remembered: records in a ring, and tables that find them, both inside strings of fixed size.
--
-- HEAD     hash     at: the next free unit of the ring, ever growing; records: ever written; pages: what it was made
--                   for
-- RING:n   strings  the ring: records one behind the other, none across two strings. The n-th lies where the
--                   (n + strings)-th will lie, so what is oldest is written over.
-- EXACT:n  strings  42 buckets of 32 places of 6 bytes. An entry: 2 bytes of a key, and where its record begins. Behind
--                   the newest entry a place is free, six zeros; the next one goes there, and the oldest, which is
--                   behind that, makes room. So an entry is written without its neighbours.
-- NEAR:n   strings  the same, for keys that many pages share: of one key the newest entries stay.
--
-- A string that is gone, or that somebody replaced, is forgotten: what it held is news again. Nothing here raises once
-- the ring is open, for a script is not rolled back.
--
-- A position is counted in units of 16 bytes from the beginning of time; an entry holds its last 32 bits. A table's
-- `held` is what the batch has read of it and not changed since; `fresh` are its records, which are written at its end.

local UNIT = 16
local STRING_UNITS = 16320 -- with Redis's header just under 256 KiB, a size class of its allocator
local BUCKETS_A_STRING, ENTRIES, ENTRY = 42, 32, 6
local BUCKET = ENTRIES * ENTRY
local UNITS_A_PAGE = 12
local WRAP = 4294967296
local FIRST_UNIT = 1 -- 0 says that there is nothing
local EMPTY, FREE = string.rep("\0", BUCKET), string.rep("\0", ENTRY)

local byte, char, find, floor, sub = string.byte, string.char, string.find, math.floor, string.sub

local FIRST, LAST = {}, {} -- of a bucket in its string: its first and last byte
for i = 0, BUCKETS_A_STRING - 1 do
  FIRST[i], LAST[i] = string.format("%d", i * BUCKET), string.format("%d", i * BUCKET + BUCKET - 1)
end

-- at, records, pages: as in HEAD; strings: how many it has; reach: units that are kept; oldest: seconds since 1970,
-- what is older is not remembered.
local ring = {}
local fresh, fresh_at = {}, nil -- position -> record that this batch made; where they begin

-- By the number of a bucket: what it holds, and the name of its string. By that: true for those that are not there.
local function new_table(name, keys_a_page)
  return {name = name .. ":", keys_a_page = keys_a_page, held = {}, strings = {}, missing = {}}
end

local exact, near = new_table(EXACT, 2), new_table(NEAR, 8)

local function open_ring(pages, milliseconds)
  local held = call("HMGET", HEAD, "at", "records", "pages")
  ring.at, ring.records = tonumber(held[1] or "") or FIRST_UNIT, tonumber(held[2] or "") or 0
  ring.pages = tonumber(held[3] or "") or pages -- a ring keeps the size that it was made with
  ring.strings = math.ceil(ring.pages * UNITS_A_PAGE / STRING_UNITS) + 1
  ring.reach = ring.strings * STRING_UNITS
  ring.oldest = floor((NOW - milliseconds) / 1000)
  for _, one in ipairs({exact, near}) do one.buckets = math.ceil(ring.pages * one.keys_a_page / ENTRIES) end
  fresh_at = ring.at
end

local function number_at(text, i)
  local a, b, c, d = byte(text, i, i + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function in_bytes(number)
  return char(floor(number / 16777216) % 256, floor(number / 65536) % 256, floor(number / 256) % 256, number % 256)
end

-- What lies there; nothing where there is no string.
local try = redis.pcall
local function read(name, first, last)
  local found = try("GETRANGE", name, first, last)
  return type(found) == "string" and found or ""
end

-- The bucket's number, and what it holds. Names and bytes are texts, for Lua takes longer to write a number than Redis to
-- answer.
local function read_bucket(one, key)
  local number = number_at(key, 3) % one.buckets
  local bucket = one.held[number]
  if not bucket then
    local at = number % BUCKETS_A_STRING
    local name = one.strings[number] or string.format("%s%d", one.name, (number - at) / BUCKETS_A_STRING)
    bucket = read(name, FIRST[at], LAST[at])
    if #bucket < BUCKET then one.missing[name], bucket = true, EMPTY end
    one.held[number], one.strings[number] = bucket, name
  end
  return number, bucket
end

-- Where the next place begins that begins with a text, from `from` on; nil without one.
local function next_place(bucket, text, from)
  local at = find(bucket, text, from, true)
  while at and at % ENTRY ~= 1 do at = find(bucket, text, at + 1, true) end
  return at
end

local function position_at(bucket, at) return ring.at - (ring.at - number_at(bucket, at + 2)) % WRAP end

-- Puts behind `found` where the records lie that a key led to, in no order; some belong to other keys.
local function find_positions(one, key, found)
  local _, bucket = read_bucket(one, key)
  local tag = sub(key, 7, 8)
  local at = next_place(bucket, tag, 1)
  while at do
    local position = position_at(bucket, at)
    if position >= FIRST_UNIT and position < ring.at and ring.at - position <= ring.reach then
      found[#found + 1] = position
    end
    at = next_place(bucket, tag, at + ENTRY)
  end
end

-- The oldest entry with a key's tag, where there are `most` of them; else nil.
local function surplus(bucket, tag, most)
  local oldest, count = nil, 0
  local at = next_place(bucket, tag, 1)
  while at do
    count = count + 1
    if not oldest or position_at(bucket, at) < position_at(bucket, oldest) then oldest = at end
    at = next_place(bucket, tag, at + ENTRY)
  end
  return count >= most and oldest or nil
end

-- A string is at once as long as it will be: one that grows keeps a reserve.
local function make(name, bytes)
  call("UNLINK", name)
  call("SETRANGE", name, bytes - 1, "\0")
end

-- Lets a key lead to a place: a position's last 32 bits, in bytes. Where `most` entries have the key's tag, the oldest of
-- those gives way, else the bucket's oldest.
local function point(one, key, place, most)
  local number, bucket = read_bucket(one, key)
  local tag, name, first = sub(key, 7, 8), one.strings[number], number % BUCKETS_A_STRING * BUCKET - 1
  if one.missing[name] then
    make(name, BUCKETS_A_STRING * BUCKET)
    one.missing[name] = nil
  end
  local at = most and surplus(bucket, tag, most)
  if at then
    call("SETRANGE", name, first + at, tag .. place)
  else
    at = next_place(bucket, FREE, 1) or 1
    local is_last = at + ENTRY > BUCKET
    call("SETRANGE", name, first + at, is_last and tag .. place or tag .. place .. FREE)
    if is_last then call("SETRANGE", name, first + 1, FREE) end
  end
  one.held[number] = nil
end

local function string_at(position)
  local offset = position % STRING_UNITS
  return RING .. ":" .. ((position - offset) / STRING_UNITS) % ring.strings, offset * UNIT
end

-- The record at a position, and what lies behind it up to `bytes`.
local function record_at(position, bytes)
  if fresh[position] then
    return fresh[position]
  end
  local name, offset = string_at(position)
  return read(name, offset, offset + bytes - 1)
end

-- Writes a record, and answers its position.
local function append(record)
  local units = math.ceil(#record / UNIT)
  local left = STRING_UNITS - ring.at % STRING_UNITS
  if units > left then ring.at = ring.at + left end
  local position = ring.at
  fresh[position] = record .. string.rep("\0", units * UNIT - #record)
  ring.at, ring.records = ring.at + units, ring.records + 1
  return position
end

local function write_records()
  local position, parts, begin = fresh_at, {}, fresh_at
  while position < ring.at do
    local record = fresh[position]
    if record then
      parts[#parts + 1] = record
      position = position + #record / UNIT
    end
    if not record or position % STRING_UNITS == 0 or position >= ring.at then
      if #parts > 0 then
        local name, offset = string_at(begin)
        if try("STRLEN", name) ~= STRING_UNITS * UNIT then make(name, STRING_UNITS * UNIT) end
        call("SETRANGE", name, offset, table.concat(parts))
      end
      if not record then position = position + STRING_UNITS - position % STRING_UNITS end
      parts, begin = {}, position
    end
  end
end

local function close_ring()
  if ring.at > fresh_at then
    write_records()
    call("HSET", HEAD, "at", string.format("%d", ring.at), "records", string.format("%d", ring.records),
      "pages", string.format("%d", ring.pages))
  end
end

