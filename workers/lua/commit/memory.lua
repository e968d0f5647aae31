-- Memory: two generations. What is met again moves to the new one; the old one is dropped as a whole. A batch
-- reads all that it may ask for at once, decides on that copy, and writes back at once what it changed.

local KINDS = {"bytes", "text", "article"}
local NEW = {bytes = KEYS[6], text = KEYS[8], article = KEYS[10]}
local OLD = {bytes = KEYS[7], text = KEYS[9], article = KEYS[11]}

local known = {bytes = {}, text = {}, article = {}} -- key -> value, of what is remembered
local is_old = {bytes = {}, text = {}, article = {}} -- key -> true: only the old generation has it
local written = {bytes = {}, text = {}, article = {}} -- fields for the new generation: key, value, key, value, ...

local function generation_size()
  local size = 0
  for _, key in pairs(NEW) do size = math.max(size, call("HLEN", key)) end
  return size
end

local function rotate(coming)
  local since = tonumber(call("GET", SINCE) or "")
  if since and since > NOW then
    -- The clock jumped back: age counts from here. DEL first, for at maxmemory Redis refuses SET, but nothing of a
    -- script that has written.
    call("DEL", SINCE)
    call("SET", SINCE, string.format("%d", NOW))
    since = NOW
  end
  if since and (generation_size() + coming) * 2 <= MEMORY_PAGES and (NOW - since) * 2 < MEMORY_MS then
    return
  end
  local stale = since and NOW - since >= MEMORY_MS
  for _, kind in ipairs(KINDS) do
    local new, old = NEW[kind], OLD[kind]
    call("UNLINK", old)
    if stale then
      call("UNLINK", new)
    elseif is_there[new] then
      call("RENAME", new, old)
    end
    is_there[old] = is_there[new] and not stale
  end
  call("SET", SINCE, string.format("%d", NOW))
end

local function read_part(kind, keys)
  local values, missing = known[kind], {}
  for i, value in ipairs(call("HMGET", NEW[kind], unpack(keys))) do
    if value then
      values[keys[i]] = value
    else
      missing[#missing + 1] = keys[i]
    end
  end
  if is_there[OLD[kind]] and #missing > 0 then
    for i, value in ipairs(call("HMGET", OLD[kind], unpack(missing))) do
      if value then values[missing[i]], is_old[kind][missing[i]] = value, true end
    end
  end
end

local function read(kind, keys)
  for first = 1, #keys, MOST do
    read_part(kind, {unpack(keys, first, math.min(first + MOST - 1, #keys))})
  end
end

-- The keys of the article and the text that a page's bytes hold.
local function keys_in(value)
  return string.sub(value, 17, 32), string.sub(value, 1, 16)
end

local function read_memory(pages)
  local bytes, texts, articles = {}, {}, {}
  for _, page in ipairs(pages) do
    if page.verdict == "same" then
      bytes[#bytes + 1] = page.bytes
    elseif page.verdict == "draft" then
      texts[#texts + 1], articles[#articles + 1] = page.text, page.article
    end
  end
  read("bytes", bytes)
  for _, value in pairs(known.bytes) do
    articles[#articles + 1], texts[#texts + 1] = keys_in(value)
  end
  read("text", texts)
  read("article", articles)
end

local function remember(kind, key, value)
  local fields = written[kind]
  known[kind][key], is_old[kind][key] = value, nil
  fields[#fields + 1] = key
  fields[#fields + 1] = value
end

local function keep(kind, key)
  if is_old[kind][key] then remember(kind, key, known[kind][key]) end
end

local function write_memory()
  for _, kind in ipairs(KINDS) do
    local fields, keys = written[kind], {}
    if is_there[OLD[kind]] then
      for i = 1, #fields, 2 do keys[#keys + 1] = fields[i] end
      call_in_parts("HDEL", OLD[kind], keys)
    end
    call_in_parts("HSET", NEW[kind], fields)
  end
end

-- The decision: its outcome, the id of the record that the page repeats or replaces, its version. The order is
-- the article's current text, a text known elsewhere, the article's next version, new.
local function decide(article_key, text_key)
  local article, text = known.article[article_key], known.text[text_key]
  local version, record
  if article then
    version, record = string.match(article, "^(%d+):(.*)$", 17)
    if string.sub(article, 1, 16) == text_key then
      return "duplicate", record
    end
  end
  if text and not (article and string.sub(text, 1, 16) == article_key) then
    return "duplicate", string.sub(text, 17)
  end
  if article then
    return "updated", record, tonumber(version) + 1
  end
  return "published", nil, 1
end

