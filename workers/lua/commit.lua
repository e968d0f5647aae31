-- Settles a batch of pages in one atomic step: decide, publish, remember, count, acknowledge, delete.
--
-- KEYS
--   1 ledger        hash    QUEUE|OUTCOME[|REASON] -> pages settled so; dead|bytes, dead|expired, records|trimmed;
--                           dead|oldest: milliseconds, the oldest dead letter is not older
--   2 records       stream  the output: body (JSON) beside id, url, host, kind
--   3 settled       stream  one small entry a page
--   4 dead          stream  dead letters: dead_* fields beside the raw entry's own
--   5 trials        hash    QUEUE|ENTRY -> strikes and lonely deaths of a page that is tried alone
--   6, 7  bytes     hash    new and old generation: key of url and body -> text key .. article key
--   8, 9  text      hash    new and old generation: text key -> article key .. record id
--   10, 11 article  hash    new and old generation: article key -> text key .. version ":" .. record id
--   12 since        string  when the new generation began, in milliseconds
--   13 ...          stream  the page queues that the batch's pages lie on
--
-- ARGV
--   1 the workers' consumer group
--   2 records' limit   3 what to do at that limit: wait or trim   4 settled's limit (0: none written)
--   5 pages to remember   6 milliseconds to remember them   7 dead letters' limit in bytes   8 and in milliseconds
--   9 number of queues, then their names in the order of KEYS
--   then for each page: verdict (draft, same, rejected, dead), queue's number, entry, id, url, host,
--   bytes key, article key, text key, reason, detail, the rest of the record as JSON without its first brace
--
-- Answers {"full", group} when the records stream is full and waits for that group: nothing was done.
-- Else {"done", {outcome, of} for each page}, where outcome may also be
--   gone   the page is not held by anyone any more: it was settled before, and this result is dropped
--   stale  the verdict was "same", but what it repeats is not remembered any more: process the page
--
-- A script that fails half-way is not rolled back, so all that can fail comes before the first page is
-- acknowledged. At maxmemory the acknowledgement, which Redis never refuses, comes before all that adds.

local LEDGER, RECORDS, SETTLED, DEAD, TRIALS, SINCE = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[12]
local MEMORY = {bytes = {KEYS[6], KEYS[7]}, text = {KEYS[8], KEYS[9]}, article = {KEYS[10], KEYS[11]}}
local GROUP = ARGV[1]
local RECORDS_LIMIT, AT_LIMIT, SETTLED_LIMIT = tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local MEMORY_PAGES, MEMORY_MS = tonumber(ARGV[5]), tonumber(ARGV[6])
local DEAD_BYTES, DEAD_MS = tonumber(ARGV[7]), tonumber(ARGV[8])
local QUEUES = tonumber(ARGV[9])
local FIRST, WIDTH = 10 + QUEUES, 12
local MOST_FIELDS = 3500
local MOST_AGED = 100

local function check_types()
  local expected = {"hash", "stream", "stream", "stream", "hash", "hash", "hash", "hash", "hash", "hash", "hash", "string"}
  for i, key in ipairs(KEYS) do
    local found, wanted = redis.call("TYPE", key).ok, expected[i] or "stream"
    if found ~= wanted and found ~= "none" then
      return key .. " is a " .. found .. ", and should be a " .. wanted
    end
  end
end

-- Memory: two generations. What is met again moves to the new one; the old one is dropped as a whole.

local function generation_size()
  local size = 0
  for _, generations in pairs(MEMORY) do size = math.max(size, redis.call("HLEN", generations[1])) end
  return size
end

local function rotate(coming)
  local since = tonumber(redis.call("GET", SINCE) or "")
  if since and since > NOW then
    -- The clock jumped back: age counts from here. DEL first, for at maxmemory Redis refuses SET, but nothing of a
    -- script that has written.
    redis.call("DEL", SINCE)
    redis.call("SET", SINCE, string.format("%d", NOW))
    since = NOW
  end
  if since and (generation_size() + coming) * 2 <= MEMORY_PAGES and (NOW - since) * 2 < MEMORY_MS then
    return
  end
  local stale = since and NOW - since >= MEMORY_MS
  for _, generations in pairs(MEMORY) do
    redis.call("UNLINK", generations[2])
    if stale then
      redis.call("UNLINK", generations[1])
    elseif redis.call("EXISTS", generations[1]) == 1 then
      redis.call("RENAME", generations[1], generations[2])
    end
  end
  -- Behind an UNLINK: Redis refuses nothing of a script that has written, even at maxmemory.
  redis.call("SET", SINCE, string.format("%d", NOW))
end

local function remember(kind, key, value)
  redis.call("HSET", MEMORY[kind][1], key, value)
end

local met, is_old = {}, {} -- is_old: the kinds that have an old generation, for a young mill has none

-- Only reads: what came out of the old generation is moved by refresh, after the acknowledgement.
local function recall(kind, key)
  local value = redis.call("HGET", MEMORY[kind][1], key)
  if not value and is_old[kind] then
    value = redis.call("HGET", MEMORY[kind][2], key)
    if value then met[#met + 1] = {kind, key, value} end
  end
  return value
end

local function refresh()
  for _, item in ipairs(met) do
    local kind, key, value = unpack(item)
    redis.call("HDEL", MEMORY[kind][2], key)
    remember(kind, key, value)
  end
end

local function read_article(key)
  local value = recall("article", key)
  if value then
    local version, record = string.match(string.sub(value, 17), "^(%d+):(.*)$")
    return {text = string.sub(value, 1, 16), version = tonumber(version), record = record}
  end
end

-- The decision. Order: the article's current text, a known text, the article's next version, new.

local function decide(article_key, text_key)
  local article = read_article(article_key)
  local text = recall("text", text_key) -- read in any case, so that it lives as long as its article
  if article and article.text == text_key then
    return "duplicate", article.record
  end
  if text and not (article and string.sub(text, 1, 16) == article_key) then
    return "duplicate", string.sub(text, 17)
  end
  if article then
    return "updated", article.record, article.version + 1
  end
  return "published", nil, 1
end

-- The output stream: trimmed only behind what every group has acknowledged; and to its limit, after the
-- batch, where no group reads or the setting is to trim.

local function before(a, b)
  local a_ms, a_seq = string.match(a, "^(%d+)-(%d+)$")
  local b_ms, b_seq = string.match(b, "^(%d+)-(%d+)$")
  if #a_ms ~= #b_ms then return #a_ms < #b_ms end
  if a_ms ~= b_ms then return a_ms < b_ms end
  if #a_seq ~= #b_seq then return #a_seq < #b_seq end
  return a_seq < b_seq
end

local function successor(id)
  local ms, seq = string.match(id, "^(%d+)-(%d+)$")
  if #seq > 15 then
    return id -- no number that Redis gave, and beyond what Lua counts exactly
  end
  return ms .. "-" .. string.format("%d", tonumber(seq) + 1)
end

-- The oldest entry that any group still needs, and that group.
local function slowest_group()
  local edge, slowest
  for _, flat in ipairs(redis.call("XINFO", "GROUPS", RECORDS)) do
    local group = {}
    for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
    local needed
    if group["pending"] > 0 then
      needed = redis.call("XPENDING", RECORDS, group["name"])[2]
    else
      needed = successor(group["last-delivered-id"])
    end
    if not edge or before(needed, edge) then edge, slowest = needed, group["name"] end
  end
  return edge, slowest
end

local function is_full(wanted)
  local length = redis.call("XLEN", RECORDS)
  return length > 0 and length + wanted > RECORDS_LIMIT
end

-- Answers the group that blocks, or nil.
local function make_room(wanted)
  if not is_full(wanted) then
    return
  end
  local edge, slowest = slowest_group()
  if not edge then
    return
  end
  -- ~ trims whole nodes of up to 100 entries, so what the next batches need goes with it now and then.
  redis.call("XTRIM", RECORDS, "MINID", "~", edge, "LIMIT", wanted + 1000)
  if is_full(wanted) then
    redis.call("XTRIM", RECORDS, "MINID", edge)
  end
  if AT_LIMIT == "wait" and is_full(wanted) then
    return slowest
  end
end

local function keep_newest()
  if redis.call("XLEN", RECORDS) <= RECORDS_LIMIT then
    return
  end
  local is_read = #redis.call("XINFO", "GROUPS", RECORDS) > 0
  if is_read and AT_LIMIT == "wait" then
    return
  end
  local lost = redis.call("XTRIM", RECORDS, "MAXLEN", RECORDS_LIMIT)
  if is_read then
    redis.call("HINCRBY", LEDGER, "records|trimmed", lost)
  end
end

local function json_string(text)
  return '"' .. string.gsub(text, '[%c"\\]', function(c) return string.format("\\u%04x", string.byte(c)) end) .. '"'
end

local function publish(page, outcome, replaced, version)
  local kind = outcome == "published" and "new" or "updated"
  local body = '{"kind":"' .. kind .. '","version":' .. string.format("%d", version) .. ',"supersedes":'
    .. (replaced and json_string(replaced) or "null") .. ',"processed_at":"' .. NOW_ISO .. '",' .. page.draft
  redis.call("XADD", RECORDS, "*", "body", body, "id", page.id, "url", page.url, "host", page.host, "kind", kind)
  remember("bytes", page.bytes, page.text .. page.article)
  remember("text", page.text, page.article .. page.id)
  remember("article", page.article, page.text .. string.format("%d", version) .. ":" .. page.id)
end

-- Dead letters: kept whole, bounded by age and bytes, the oldest out first.

local function size_of(letter)
  for i = 1, #letter, 2 do
    if letter[i] == "dead_bytes" then
      return tonumber(letter[i + 1]) or 0
    end
  end
  return 0
end

local function expire_dead()
  local known = redis.call("HMGET", LEDGER, "dead|bytes", "dead|oldest")
  local bytes, since = tonumber(known[1] or "") or 0, tonumber(known[2] or "") or 0
  -- A letter cannot be looked at without its body, so dead|oldest tells when it is worth it.
  if bytes <= DEAD_BYTES and (since >= NOW - DEAD_MS or redis.call("XLEN", DEAD) == 0) then
    return
  end
  local freed, expired, oldest = 0, 0, nil
  while true do
    oldest = redis.call("XRANGE", DEAD, "-", "+", "COUNT", 1)[1]
    if not oldest then
      freed = bytes
      break
    end
    since = tonumber(string.match(oldest[1], "^%d+"))
    local aged = since < NOW - DEAD_MS and expired < MOST_AGED -- the rest goes with the next commits
    if bytes - freed <= DEAD_BYTES and not aged then
      break
    end
    redis.call("XDEL", DEAD, oldest[1])
    freed, expired = freed + size_of(oldest[2]), expired + 1
  end
  -- %d, because Redis 7.0 sends a number that is -0 as "-0", and refuses it.
  redis.call("HINCRBY", LEDGER, "dead|bytes", string.format("%d", -freed))
  redis.call("HINCRBY", LEDGER, "dead|expired", expired)
  if oldest then
    redis.call("HSET", LEDGER, "dead|oldest", string.format("%d", since))
  else
    redis.call("HDEL", LEDGER, "dead|oldest")
  end
end

local function bury(page, raw)
  -- A hostile entry may hold any number of fields, and unpack has a bound: the stack. It may also hold
  -- fields named as ours: those get a second underscore.
  local letter, size, detail = {}, 0, page.detail
  for i = 1, math.min(#raw, MOST_FIELDS * 2), 2 do
    letter[i], letter[i + 1] = string.gsub(raw[i], "^dead_", "dead__"), raw[i + 1]
    size = size + #raw[i] + #raw[i + 1]
  end
  if #raw > MOST_FIELDS * 2 then
    detail = detail .. " (" .. MOST_FIELDS .. " of " .. #raw / 2 .. " fields kept)"
  end
  local own = {
    "dead_reason", page.reason, "dead_detail", detail, "dead_queue", page.queue, "dead_entry", page.entry,
    "dead_id", page.id, "dead_url", page.url, "dead_host", page.host, "dead_at", NOW_ISO,
    "dead_bytes", string.format("%d", size),
  }
  for _, part in ipairs(own) do letter[#letter + 1] = part end
  redis.call("XADD", DEAD, "*", unpack(letter))
  redis.call("HINCRBY", LEDGER, "dead|bytes", size)
end

local counts, settled = {}, {}
local on_trial = redis.call("EXISTS", TRIALS) == 1

local function count(page, outcome)
  local field = page.queue .. "|" .. outcome
  counts[field] = (counts[field] or 0) + 1
  if page.reason ~= "" then
    field = field .. "|" .. page.reason
    counts[field] = (counts[field] or 0) + 1
  end
end

local function settle(page)
  local outcome, of, version
  met = {}
  if page.verdict == "draft" then
    outcome, of, version = decide(page.article, page.text)
  elseif page.verdict == "same" then
    local known = recall("bytes", page.bytes)
    if known then
      outcome, of = decide(string.sub(known, 17, 32), string.sub(known, 1, 16))
    end
    if outcome ~= "duplicate" then
      return "stale", ""
    end
  else
    outcome = page.verdict
  end

  local raw
  if outcome == "dead" then
    local found = redis.call("XRANGE", page.stream, page.entry, page.entry)[1]
    raw = found and found[2] or {}
  end
  if redis.call("XACK", page.stream, GROUP, page.entry) == 0 then
    return "gone", ""
  end
  settled[page.stream] = settled[page.stream] or {}
  table.insert(settled[page.stream], page.entry)
  if on_trial then redis.call("HDEL", TRIALS, page.queue .. "|" .. page.entry) end
  refresh()
  if outcome == "published" or outcome == "updated" then
    publish(page, outcome, of, version)
  elseif outcome == "duplicate" and page.verdict == "draft" then
    remember("bytes", page.bytes, page.text .. page.article)
  elseif outcome == "dead" then
    bury(page, raw)
  end
  count(page, outcome)
  if SETTLED_LIMIT > 0 then
    redis.call("XADD", SETTLED, "MAXLEN", "~", SETTLED_LIMIT, "*", "id", page.id, "url", page.url,
      "outcome", outcome, "reason", page.reason, "of", of or "", "similarity", outcome == "duplicate" and "1" or "")
  end
  return outcome, of or ""
end

local function page_at(i)
  local at = FIRST + (i - 1) * WIDTH
  local number = tonumber(ARGV[at + 1])
  return {
    verdict = ARGV[at], stream = KEYS[12 + number], queue = ARGV[9 + number], entry = ARGV[at + 2], id = ARGV[at + 3],
    url = ARGV[at + 4], host = ARGV[at + 5], bytes = ARGV[at + 6], article = ARGV[at + 7], text = ARGV[at + 8],
    reason = ARGV[at + 9], detail = ARGV[at + 10], draft = ARGV[at + 11],
  }
end

local problem = check_types()
if problem then
  return redis.error_reply("WRONGTYPE " .. problem)
end
local pages, drafts = {}, 0
for i = 1, (#ARGV - FIRST + 1) / WIDTH do
  pages[i] = page_at(i)
  if pages[i].verdict == "draft" then drafts = drafts + 1 end
end
local slow = drafts > 0 and make_room(drafts)
if slow then
  return {"full", slow}
end
rotate(#pages)
for kind, generations in pairs(MEMORY) do is_old[kind] = redis.call("EXISTS", generations[2]) == 1 end

local answers = {}
for i, page in ipairs(pages) do
  local outcome, of = settle(page)
  answers[i] = {outcome, of}
end
for stream, entries in pairs(settled) do redis.call("XDEL", stream, unpack(entries)) end
for field, n in pairs(counts) do
  redis.call("HINCRBY", LEDGER, field, n)
end
keep_newest()
expire_dead()
return {"done", answers}
