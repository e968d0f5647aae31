-- What sites repeat, from page to page: see pipeline/site_profile.py, whose add_imprint this is.
--
-- SITE:HOST  string  imprints, the newest first, one an article: NAME bytes of its key, 2 bytes that count its codes
--                    (the low one first), 4 bytes a code
-- SITES      zset    host -> when its profile was written last, in milliseconds

local learn, write_profiles
do
  local NAME, CODE = 4, 4

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
    local kept, from, last = {imprint}, 1, imprint_end(held, 1)
    while last and #kept < PROFILE_ARTICLES do
      if string.sub(held, from, from + NAME - 1) ~= string.sub(imprint, 1, NAME) then
        kept[#kept + 1] = string.sub(held, from, last)
      end
      from, last = last + 1, imprint_end(held, last + 1)
    end
    profiles[host] = table.concat(kept)
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
    local over = call("ZCARD", SITES) - PROFILE_SITES
    if over > 0 then
      local gone = call("ZPOPMIN", SITES, over)
      for i = 1, #gone, 2 do call("UNLINK", SITE .. ":" .. gone[i]) end
    end
  end
end

