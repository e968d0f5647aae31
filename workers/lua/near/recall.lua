-- What a page is remembered by: its bytes, its text, and what is near to its text.
--
-- A record of the ring: length of the id (2 bytes; 65535: 32 hexadecimal digits, in 16 bytes), 1 when it has a sketch
-- (1), seconds since 1970 (4), then 12 bytes each of the keys of bytes, text and address (the canonical URL), the sketch
-- (133), the id. One without a sketch says only which text and address a page's bytes gave.

local KEYS_AT, KEY = 7, 12
local SKETCH_AT = KEYS_AT + 3 * KEY
local ID_AT = SKETCH_AT + SKETCH_BYTES
local MOST_READ = ID_AT + 128 -- with an id as long as the setting max_id allows at first
local PACKED = 65535
local MOST_A_KEY, MOST_CANDIDATES = 2, 8 -- each candidate costs 10 us, and a page of a template leads to many

local function packed(id)
  if #id ~= 32 or find(id, "[^0-9a-f]") then
    id = sub(id, 1, PACKED - 1)
    return sub(in_bytes(#id), 3, 4), id
  end
  local parts = {}
  for i = 1, 4 do parts[i] = in_bytes(tonumber(sub(id, i * 8 - 7, i * 8), 16)) end
  return sub(in_bytes(PACKED), 3, 4), table.concat(parts)
end

-- The record at a position; nil when it is older than the memory reaches, or gone.
local function read_record(position)
  local text = record_at(position, MOST_READ)
  local has_sketch = byte(text, 3) == 1
  if #text < (has_sketch and ID_AT + 16 or SKETCH_AT) or number_at(text, 4) < ring.oldest then
    return nil
  end
  return {text = text, position = position, has_sketch = has_sketch}
end

local function part(record, number)
  return sub(record.text, KEYS_AT + 1 + (number - 1) * KEY, KEYS_AT + number * KEY)
end

local function bytes_of(record) return part(record, 1) end
local function text_of(record) return part(record, 2) end
local function address_of(record) return part(record, 3) end

local DIGITS = string.rep("%02x", 16)
local function id_of(record)
  local high, low = byte(record.text, 1, 2)
  local length = high * 256 + low
  if length == PACKED then
    return string.format(DIGITS, byte(record.text, ID_AT + 1, ID_AT + 16))
  end
  return sub(record_at(record.position, ID_AT + length), ID_AT + 1, ID_AT + length)
end

-- Whether it will be forgotten before long, and should be remembered anew when it is met again.
local function is_fading(record)
  return (ring.at - record.position) * 2 > ring.pages * UNITS_A_PAGE
    or number_at(record.text, 4) * 2 < ring.oldest + floor(NOW / 1000)
end

local function newer(a, b) return a > b end

local function find_record(key, of, with_sketch)
  local positions = {}
  find_positions(exact, key, positions)
  if positions[2] then table.sort(positions, newer) end
  for i = 1, #positions do
    local record = read_record(positions[i])
    if record and of(record) == sub(key, 1, KEY) and (record.has_sketch or not with_sketch) then
      return record
    end
  end
end

-- The newest record of these bytes, or nil: it tells their text and address.
local function find_bytes(key) return find_record(key, bytes_of, false) end

-- The newest record of this text, or nil: it tells its address and the id of what was published.
local function find_text(key) return find_record(key, text_of, true) end

-- The sketch of a page or of a record.
local function sketch_of(one)
  one.read = one.read or (one.sketch and read_sketch(one.sketch, 1) or read_sketch(one.text, SKETCH_AT + 1))
  return one.read
end

-- What a text is most alike to, of what is remembered: the record of a copy, and the likeness; or nil.
local function find_near(page, thresholds)
  local positions, best, best_likeness = {}, nil, nil
  for at = 1, #page.keys, 8 do find_positions(near, sub(page.keys, at, at + 7), positions) end
  table.sort(positions, newer)
  local left = MOST_CANDIDATES
  for i = 1, #positions do
    local record = left > 0 and positions[i] ~= positions[i - 1] and read_record(positions[i])
    -- Where the head was lost, the ring began anew, and an old entry may lead to any place of it.
    if record and record.has_sketch then
      left = left - 1
      local likeness = compare(sketch_of(page), sketch_of(record), thresholds)
      if likeness.copy and not (best and best_likeness.similarity >= likeness.similarity) then
        best, best_likeness = record, likeness
      end
    end
  end
  return best, best_likeness
end

local function record_of(page, sketch, id)
  local length, text = packed(id)
  return length .. char(sketch ~= "" and 1 or 0) .. in_bytes(floor(NOW / 1000)) .. sub(page.bytes, 1, KEY)
    .. sub(page.text, 1, KEY) .. sub(page.address, 1, KEY) .. sketch .. text
end

-- Remember a page: `bytes`, `text`, `address` (keys of 12 bytes or more), `keys` (8 bytes each), `sketch`, `id`.
local function remember(page)
  local place = in_bytes(append(record_of(page, page.sketch, page.id)) % WRAP)
  point(exact, page.bytes, place)
  point(exact, page.text, place)
  for at = 1, #page.keys, 8 do point(near, sub(page.keys, at, at + 7), place, MOST_A_KEY) end
end

-- Remember only which text and address a page's bytes gave.
local function remember_bytes(page)
  point(exact, page.bytes, in_bytes(append(record_of(page, "", "")) % WRAP))
end

