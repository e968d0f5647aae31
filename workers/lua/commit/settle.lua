-- The batch, page by page. What can wait is written once, at the end.

local answers, counts, acknowledged, trials = {}, {}, {}, {}

local function count(page, outcome, reason)
  local field = page.queue .. "|" .. outcome
  counts[field] = (counts[field] or 0) + 1
  if reason ~= "" then
    field = field .. "|" .. reason
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
  local known = find_bytes(page.bytes)
  if not known or is_fading(known) then
    return {outcome = "stale"}
  end
  local of, record = find_same(address_of(known), text_of(known))
  if not record or is_fading(record) then
    return {outcome = "stale"}
  end
  if not acknowledge(page) then
    return {outcome = "gone"}
  end
  keep_current(address_of(known))
  keep_current(address_of(record))
  return {outcome = "duplicate", of = of, similarity = "1"}
end

local function settle_draft(page)
  local decision = decide(page)
  if not acknowledge(page) then
    return {outcome = "gone"}
  end
  if decision.version then
    remember_record(page, decision)
    publish(page, decision)
    learn(page.site, page.imprint)
  else
    remember_repetition(page, decision.of, decision.record)
  end
  return decision
end

local function settle_dead(page)
  local found = call("XRANGE", page.stream, page.entry, page.entry)[1]
  if not acknowledge(page) then
    return {outcome = "gone"}
  end
  bury(page, found and found[2] or {})
  return {outcome = "dead"}
end

local function settle_rejected(page)
  return {outcome = acknowledge(page) and "rejected" or "gone"}
end

local BY_VERDICT = {draft = settle_draft, same = settle_repetition, dead = settle_dead, rejected = settle_rejected}

local function settle(page)
  local decision = BY_VERDICT[page.verdict](page)
  local outcome, of, reason = decision.outcome, decision.of or "", decision.reason or page.reason
  if outcome ~= "gone" and outcome ~= "stale" then
    count(page, outcome, reason)
    meter(page, outcome, page.reason)
    if SETTLED_LIMIT > 0 then
      call("XADD", SETTLED, "*", "id", page.id, "url", page.url, "outcome", outcome, "reason", reason, "of", of,
        "similarity", decision.similarity or "")
    end
  end
  return {outcome, of}
end

local problem = check_types()
if problem then
  return redis.error_reply("WRONGTYPE " .. problem)
end
local pages, drafts = {}, 0
for at = FIRST_PAGE, #ARGV, WIDTH do
  local page = page_at(at)
  pages[#pages + 1] = page
  if page.verdict == "draft" then
    drafts = drafts + 1
    if #page.sketch ~= SKETCH_BYTES or #page.keys % 8 ~= 0 then
      return redis.error_reply("ERR a draft without a fingerprint: " .. page.entry)
    end
  end
end
local slow = drafts > 0 and make_room(drafts)
if slow then
  return {"full", slow}
end
rotate(#pages)
open_ring(MEMORY_PAGES, MEMORY_MS)
for i, page in ipairs(pages) do answers[i] = settle(page) end
close_ring()
write_articles()
write_profiles()
for stream, entries in pairs(acknowledged) do call_in_parts("XDEL", stream, entries) end
call_in_parts("HDEL", TRIALS, trials)
write_meters(counts)
for field, n in pairs(counts) do call("HINCRBY", LEDGER, field, n) end
if SETTLED_LIMIT > 0 then call("XTRIM", SETTLED, "MAXLEN", "~", SETTLED_LIMIT) end
keep_newest()
expire_dead()
return {"done", answers}
