
-- The current version of each article, by the key of its first version's address (the canonical URL).
-- A value: the text's key (12 bytes), when the first version was published (6, milliseconds), the version's number,
-- then ":" and the record's id; or, where this version came from another address, "@", the key of that (12) and the id.
-- The other address has a value of its own: the article's key (12), and no more.
--
-- Two generations: what is met again moves to the new one; the old one is dropped as a whole. What a batch changes is
-- written at once, at its end.

local held = {} -- address -> its value; false: there is none
local current = {} -- article -> {text, first, version, source, id} out of its value
local is_old = {} -- address -> true: only the old generation has it
local written = {} -- fields for the new generation: address, value, address, value, ...

local function rotate(coming)
  local since = tonumber(call("GET", SINCE) or "")
  if since and since > NOW then
    -- The clock jumped back: age counts from here. DEL first, for at maxmemory Redis refuses SET, but nothing of a
    -- script that has written.
    call("DEL", SINCE)
    call("SET", SINCE, string.format("%d", NOW))
    since = NOW
  end
  if since and (call("HLEN", NEW) + coming) * 2 <= MEMORY_PAGES and (NOW - since) * 2 < MEMORY_MS then
    return
  end
  local stale = since and NOW - since >= MEMORY_MS
  call("UNLINK", OLD)
  if stale then
    call("UNLINK", NEW)
  elseif is_there[NEW] then
    call("RENAME", NEW, OLD)
  end
  is_there[OLD] = is_there[NEW] and not stale
  call("SET", SINCE, string.format("%d", NOW))
end

local function milliseconds_at(text, i)
  local high, low = byte(text, i, i + 1)
  return (high * 256 + low) * WRAP + number_at(text, i + 2)
end

local function in_six_bytes(number) return sub(in_bytes(floor(number / WRAP)), 3, 4) .. in_bytes(number) end

local function value_of(address)
  if held[address] == nil then
    local value = call("HGET", NEW, address)
    if not value and is_there[OLD] then
      value = call("HGET", OLD, address)
      is_old[address] = value and true
    end
    held[address] = value
  end
  return held[address]
end

local function put(address, value)
  held[address], current[address], is_old[address] = value, nil, nil
  written[#written + 1] = address
  written[#written + 1] = value
end

local function current_of(article)
  local value = value_of(article)
  if value and not current[article] then
    local version, mark, rest = string.match(value, "^(%d+)([:@])(.*)$", KEY + 7)
    local source = mark == "@" and sub(rest, 1, KEY) or article
    current[article] = version and {
      text = sub(value, 1, KEY), first = milliseconds_at(value, KEY + 1), version = tonumber(version),
      source = source, id = mark == "@" and sub(rest, KEY + 1) or rest,
    }
  end
  return current[article] or nil
end

-- The article that an address belongs to: another one's, or its own, whether that is known or not.
local function article_at(address)
  local value = value_of(address)
  return value and #value == KEY and current_of(value) and value or address
end

local function make_current(article, version)
  local from = ":"
  if version.source ~= article then
    from = "@" .. version.source
    put(version.source, article)
  end
  local number = string.format("%d", version.version)
  put(article, version.text .. in_six_bytes(version.first) .. number .. from .. version.id)
end

-- An article that is met again lives on.
local function keep_current(address)
  local article = article_at(address)
  if is_old[address] then put(address, held[address]) end
  if is_old[article] then put(article, held[article]) end
end

local function write_articles()
  if is_there[OLD] then
    local keys = {}
    for i = 1, #written, 2 do keys[#keys + 1] = written[i] end
    call_in_parts("HDEL", OLD, keys)
  end
  call_in_parts("HSET", NEW, written)
end
