-- The batch, page by page. What can wait is written once, at the end.

local answers, counts, acknowledged, trials = {}, {}, {}, {}

local function count(page, outcome)
  local field = page.queue .. "|" .. outcome
  counts[field] = (counts[field] or 0) + 1
  if page.reason ~= "" then
    field = field .. "|" .. page.reason
    counts[field] = (counts[field] or 0) + 1
  end
end

local function acknowledge(page)
  if call("XACK", page.stream, GROUP, page.entry) == 0 then
    return false
  end
  local entries = acknowledged[page.stream] or {}
  entries[#entries + 1], acknowledged[page.stream] = page.entry, entries
  if is_there[TRIALS] then trials[#trials + 1] = page.queue .. "|" .. page.entry end
  return true
end

local function settle_repetition(page)
  local value, outcome, of = known.bytes[page.bytes], nil, nil
  if value then
    page.article, page.text = keys_in(value)
    outcome, of = decide(page.article, page.text)
  end
  if outcome ~= "duplicate" then
    return "stale"
  end
  if not acknowledge(page) then
    return "gone"
  end
  keep("bytes", page.bytes)
  keep("text", page.text)
  keep("article", page.article)
  return outcome, of
end

local function settle_draft(page)
  local outcome, of, version = decide(page.article, page.text)
  if not acknowledge(page) then
    return "gone"
  end
  keep("text", page.text) -- so that it lives as long as its article
  keep("article", page.article)
  remember("bytes", page.bytes, page.text .. page.article)
  if version then
    publish(page, outcome, of, version)
    learn(page.site, page.imprint)
  end
  return outcome, of
end

local function settle_dead(page)
  local found = call("XRANGE", page.stream, page.entry, page.entry)[1]
  if not acknowledge(page) then
    return "gone"
  end
  bury(page, found and found[2] or {})
  return "dead"
end

local function settle_rejected(page)
  return acknowledge(page) and "rejected" or "gone"
end

local BY_VERDICT = {draft = settle_draft, same = settle_repetition, dead = settle_dead, rejected = settle_rejected}

local function settle(page)
  local outcome, of = BY_VERDICT[page.verdict](page)
  if outcome ~= "gone" and outcome ~= "stale" then
    count(page, outcome)
    meter(page, outcome, page.reason)
    if SETTLED_LIMIT > 0 then
      call("XADD", SETTLED, "*", "id", page.id, "url", page.url, "outcome", outcome, "reason", page.reason,
        "of", of or "", "similarity", outcome == "duplicate" and "1" or "")
    end
  end
  return {outcome, of or ""}
end

local problem = check_types()
if problem then
  return redis.error_reply("WRONGTYPE " .. problem)
end
local pages, drafts = {}, 0
for at = FIRST, #ARGV, WIDTH do
  local page = page_at(at)
  pages[#pages + 1] = page
  if page.verdict == "draft" then drafts = drafts + 1 end
end
local slow = drafts > 0 and make_room(drafts)
if slow then
  return {"full", slow}
end
rotate(#pages)
read_memory(pages)
for i, page in ipairs(pages) do answers[i] = settle(page) end
write_memory()
write_profiles()
for stream, entries in pairs(acknowledged) do call_in_parts("XDEL", stream, entries) end
call_in_parts("HDEL", TRIALS, trials)
write_meters(counts)
for field, n in pairs(counts) do call("HINCRBY", LEDGER, field, n) end
if SETTLED_LIMIT > 0 then call("XTRIM", SETTLED, "MAXLEN", "~", SETTLED_LIMIT) end
keep_newest()
expire_dead()
return {"done", answers}
