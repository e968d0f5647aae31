-- Dead letters: kept whole, bounded by age and bytes, the oldest out first.

local expire_dead, bury
do
  local MOST_FIELDS = 3500
  local MOST_AGED = 100 -- letters that one commit lets go for their age

  -- Its bytes, and why it died.
  local function size_and_reason(letter)
    local own = {}
    for i = 1, #letter, 2 do own[letter[i]] = letter[i + 1] end
    return tonumber(own["dead_bytes"] or "") or 0, own["dead_reason"] or ""
  end

  function expire_dead()
    local known = call("HMGET", LEDGER, "dead|bytes", "dead|oldest")
    local bytes, since = tonumber(known[1] or "") or 0, tonumber(known[2] or "") or 0
    -- A letter cannot be looked at without its body, so dead|oldest tells when it is worth it.
    if bytes <= DEAD_BYTES and (since >= NOW - DEAD_MS or call("XLEN", DEAD) == 0) then
      return
    end
    local freed, expired, oldest = 0, 0, nil
    while true do
      oldest = call("XRANGE", DEAD, "-", "+", "COUNT", 1)[1]
      if not oldest then
        freed = bytes
        break
      end
      since = tonumber(string.match(oldest[1], "^%d+"))
      local aged = since < NOW - DEAD_MS and expired < MOST_AGED
      if bytes - freed <= DEAD_BYTES and not aged then
        break
      end
      call("XDEL", DEAD, oldest[1])
      local size, reason = size_and_reason(oldest[2])
      freed, expired = freed + size, expired + 1
      call("HINCRBY", LEDGER, "dead|lying|" .. reason, -1)
    end
    -- %d, because Redis 7.0 sends a number that is -0 as "-0", and refuses it.
    call("HINCRBY", LEDGER, "dead|bytes", string.format("%d", -freed))
    call("HINCRBY", LEDGER, "dead|expired", expired)
    if oldest then
      call("HSET", LEDGER, "dead|oldest", string.format("%d", since))
    else
      call("HDEL", LEDGER, "dead|oldest")
    end
  end

  function bury(page, raw)
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
    call("XADD", DEAD, "*", unpack(letter))
    call("HINCRBY", LEDGER, "dead|bytes", size)
    call("HINCRBY", LEDGER, "dead|lying|" .. page.reason, 1)
  end
end

