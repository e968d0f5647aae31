
-- The current version of each article. Two generations: what is met again moves to the new one; the old one is dropped
-- as a whole. What a batch changes is written at once, at its end.

local current = {} -- article key -> {text, version, id}; false: there is none
local is_old = {} -- article key -> true: only the old generation has it
local written = {} -- fields for the new generation: key, value, key, value, ...

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

local function current_of(key)
  if current[key] == nil then
    local value = call("HGET", NEW, key)
    if not value and is_there[OLD] then
      value = call("HGET", OLD, key)
      is_old[key] = value and true
    end
    local version, id = string.match(value or "", "^(%d+):(.*)$", KEY + 1)
    current[key] = version and {text = sub(value, 1, KEY), version = tonumber(version), id = id} or false
  end
  return current[key]
end

local function make_current(key, version)
  current[key], is_old[key] = version, nil
  written[#written + 1] = key
  written[#written + 1] = version.text .. string.format("%d", version.version) .. ":" .. version.id
end

-- An article that is met again lives on.
local function keep_current(key)
  local version = current_of(key)
  if version and is_old[key] then make_current(key, version) end
end

local function write_articles()
  if is_there[OLD] then
    local keys = {}
    for i = 1, #written, 2 do keys[#keys + 1] = written[i] end
    call_in_parts("HDEL", OLD, keys)
  end
  call_in_parts("HSET", NEW, written)
end
