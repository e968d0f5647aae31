-- The output stream: trimmed only behind what every group has acknowledged; and to its limit, after the
-- batch, where no group reads or the setting is to trim.

local make_room, keep_newest, publish
do
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
    for _, flat in ipairs(call("XINFO", "GROUPS", RECORDS)) do
      local group = {}
      for i = 1, #flat, 2 do group[flat[i]] = flat[i + 1] end
      local needed
      if group["pending"] > 0 then
        needed = call("XPENDING", RECORDS, group["name"])[2]
      else
        needed = successor(group["last-delivered-id"])
      end
      if not edge or before(needed, edge) then edge, slowest = needed, group["name"] end
    end
    return edge, slowest
  end

  local function is_full(wanted)
    local length = call("XLEN", RECORDS)
    return length > 0 and length + wanted > RECORDS_LIMIT
  end

  -- Answers the group that blocks, or nil.
  function make_room(wanted)
    if not is_full(wanted) then
      return
    end
    local edge, slowest = slowest_group()
    if not edge then
      return
    end
    -- ~ trims whole nodes of up to 100 entries, so what the next batches need goes with it now and then.
    call("XTRIM", RECORDS, "MINID", "~", edge, "LIMIT", wanted + 1000)
    if is_full(wanted) then
      call("XTRIM", RECORDS, "MINID", edge)
    end
    if AT_LIMIT == "wait" and is_full(wanted) then
      return slowest
    end
  end

  function keep_newest()
    if call("XLEN", RECORDS) <= RECORDS_LIMIT then
      return
    end
    local is_read = #call("XINFO", "GROUPS", RECORDS) > 0
    if is_read and AT_LIMIT == "wait" then
      return
    end
    local lost = call("XTRIM", RECORDS, "MAXLEN", RECORDS_LIMIT)
    if is_read then
      call("HINCRBY", LEDGER, "records|trimmed", lost)
    end
  end

  local function json_string(text)
    return '"' .. string.gsub(text, '[%c"\\]', function(c) return string.format("\\u%04x", string.byte(c)) end) .. '"'
  end

  local function json_or_null(text)
    return text and json_string(text) or "null"
  end

  local KEY_DIGITS = string.rep("%02x", KEY)

  local function estimate(change)
    local shares = '{"added":%.3f,"removed":%.3f}'
    return change and string.format(shares, change.added / 1000, change.removed / 1000) or "null"
  end

  function publish(page, decision)
    local kind = decision.version == 1 and "new" or "updated"
    local body = string.format(
      '{"kind":"%s","version":%d,"article":"%s","supersedes":%s,"near_duplicate_of":%s,"estimated_change":%s,'
        .. '"first_seen":"%s","processed_at":"%s",',
      kind, decision.version, string.format(KEY_DIGITS, byte(decision.article, 1, KEY)), json_or_null(decision.of),
      json_or_null(decision.near), estimate(decision.change), iso_time(decision.first), NOW_ISO
    )
    local fields = {"body", body .. page.draft, "id", page.id, "url", page.url, "host", page.host, "kind", kind}
    if page.traceparent ~= "" then
      fields[#fields + 1] = "traceparent"
      fields[#fields + 1] = page.traceparent
    end
    call("XADD", RECORDS, "*", unpack(fields))
  end
end

