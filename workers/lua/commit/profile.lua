-- What sites repeat, from page to page: see pipeline/site_profile.py, whose add_imprint this is.
--
-- SITE:HOST  string  imprints, the newest first, one an article: NAME bytes of its key, 2 bytes that count its codes
--                    (the low one first), 4 bytes a code
-- SITES      zset    host -> when its profile was written last, in milliseconds

local learn, write_profiles
do
  local NAME, CODE = 4, 4
  local MOST_GONE = 2000 -- sites that one commit lets go: more than it can bring, however far the setting was lowered

  local profiles = {} -- host -> what its profile will be

  -- Where the imprint ends that begins at a byte; nil when the text ends before it does.
  local function imprint_end(text, from)
    local low, high = string.byte(text, from + NAME, from + NAME + 1)
    local last = high and from + NAME + 1 + (high * 256 + low) * CODE
    return last and last <= #text and last or nil
  end

  function learn(host, imprint)
    if host == "" or imprint == "" then
      return
    end
    local held = profiles[host] or redis.pcall("GET", SITE .. ":" .. host)
    held = type(held) == "string" and held or "" -- somebody may have put another type there
    local name, parts, kept = string.sub(imprint, 1, NAME), {imprint}, 1
    local run, from = 1, 1 -- where what is kept begins, and the imprint that is looked at
    while kept < PROFILE_ARTICLES do
      local last = imprint_end(held, from)
      if not last then break end
      if string.sub(held, from, from + NAME - 1) == name then
        parts[#parts + 1], run = string.sub(held, run, from - 1), last + 1
      else
        kept = kept + 1
      end
      from = last + 1
    end
    parts[#parts + 1] = string.sub(held, run, from - 1)
    profiles[host] = table.concat(parts)
  end

  -- Writes the batch's profiles, and forgets those sites that were met longest ago.
  function write_profiles()
    if not next(profiles) then
      return
    end
    for host, profile in pairs(profiles) do
      call("SET", SITE .. ":" .. host, profile, "PX", PROFILE_MS)
      call("ZADD", SITES, string.format("%d", NOW), host)
    end
    local over = math.min(call("ZCARD", SITES) - PROFILE_SITES, MOST_GONE)
    if over > 0 then
      local gone = call("ZPOPMIN", SITES, over)
      for i = 1, #gone, 2 do call("UNLINK", SITE .. ":" .. gone[i]) end
    end
  end
end

