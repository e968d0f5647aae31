
-- The meters: the latency, and what became of each host's and each source's pages. A batch is added up first, and
-- written at once. workers/monitor/meters.py reads them.
--
-- A name's value is the hour (4 bytes, the highest first) and its counts (3 bytes each) in three windows: this hour, the
-- hour before it, and all before that, halved now and then, so that the past fades. Names are in two generations, as
-- articles are: what is met again moves to the new one, and the old one is dropped as a whole; so a name that is met
-- often is never forgotten, however many others there are.

local meter, write_meters
do
  local byte, char, sub, floor = string.byte, string.char, string.sub, math.floor
  local FADES_AT = 20000 -- pages of the past
  local A_DAY = 86400000
  local LONGEST = 256 -- bytes of a name
  local BOUNDS = { -- milliseconds
    5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 900000, 3600000, 21600000,
  }
  -- A count's place in a window: pages, drafts, dead, drafts without title, date and authors, rejected by reason.
  local PAGES, DRAFTS, DEAD_PAGES = 1, 2, 3
  local LACKING = {t = 4, d = 5, a = 6}
  local REJECTED = {
    empty = 7, too_short = 8, not_html = 9, http_error = 10, too_large = 11, undecodable = 12, wrong_language = 13,
  }
  local PLACES, COUNT, MOST_COUNTED = 13, 3, 2 ^ 24 - 1
  local WINDOW = PLACES * COUNT
  local NONE = string.rep("\0", WINDOW)

  local function bytes_of(number, width)
    local parts = {}
    for i = width, 1, -1 do parts[i], number = number % 256, floor(number / 256) end
    return char(unpack(parts))
  end

  local HOUR = bytes_of(floor(NOW / 3600000), 4)
  local LAST_HOUR = bytes_of(floor(NOW / 3600000) - 1, 4)

  local hosts, sources = {names = {}, sums = {}}, {names = {}, sums = {}}
  local latencies, spent_in_all = {}, 0
  local places_known = {} -- what a page counts as -> its places

  local function places_of(page, outcome, reason)
    local places = {PAGES}
    if outcome == "dead" then
      places[2] = DEAD_PAGES
    elseif outcome == "rejected" then
      places[2] = REJECTED[reason]
    elseif page.verdict == "draft" then
      places[2] = DRAFTS
      for letter in string.gmatch(page.lacks, "[tda]") do places[#places + 1] = LACKING[letter] end
    end
    return places
  end

  local function add_places(sum, places)
    for i = 1, #places do
      local place = places[i]
      sum[place] = (sum[place] or 0) + 1
    end
  end

  -- A name's sum is the places of its page; of several pages a table with `several`: place -> pages.
  local function add(met, name, places)
    local sums = met.sums
    local sum = sums[name]
    if not sum then
      sums[name], met.names[#met.names + 1] = places, name
      return
    end
    if not sum.several then
      local first = sum
      sum = {several = {}}
      sums[name] = sum
      add_places(sum.several, first)
    end
    add_places(sum.several, places)
  end

  local function count_latency(entry)
    -- A pusher may choose an entry's id, and with it any time.
    local spent = math.max(0, math.min(NOW - tonumber(string.match(entry, "^%d+")), A_DAY))
    local bucket = 1
    while BOUNDS[bucket] and spent > BOUNDS[bucket] do bucket = bucket + 1 end
    latencies[bucket], spent_in_all = (latencies[bucket] or 0) + 1, spent_in_all + spent
  end

  meter = function(page, outcome, reason)
    local kind = page.verdict == "draft" and page.lacks or outcome .. reason
    local places = places_known[kind]
    if not places then
      places = places_of(page, outcome, reason)
      places_known[kind] = places
    end
    add(hosts, sub(page.host, 1, LONGEST), places)
    add(sources, sub(page.source, 1, LONGEST), places)
    if outcome == "published" or outcome == "updated" then count_latency(page.entry) end
  end

  -- The window with more in it: place -> how many more.
  local function added(window, more)
    local parts = {byte(window, 1, WINDOW)}
    for place, n in pairs(more) do
      local at = (place - 1) * COUNT
      local count = math.min(parts[at + 1] * 65536 + parts[at + 2] * 256 + parts[at + 3] + n, MOST_COUNTED)
      parts[at + 1], parts[at + 2], parts[at + 3] = floor(count / 65536), floor(count / 256) % 256, count % 256
    end
    return char(unpack(parts))
  end

  local function counts_in(window)
    local found, parts = {}, {byte(window, 1, WINDOW)}
    for place = 1, PLACES do
      local at = (place - 1) * COUNT
      found[place] = parts[at + 1] * 65536 + parts[at + 2] * 256 + parts[at + 3]
    end
    return found
  end

  -- The last hour's window and the past's, of a value from an earlier hour.
  local function turned(value)
    local now, last = sub(value, 5, 4 + WINDOW), sub(value, 5 + WINDOW, 4 + 2 * WINDOW)
    local past = added(sub(value, 5 + 2 * WINDOW), counts_in(last))
    if sub(value, 1, 4) ~= LAST_HOUR then
      past, now = added(past, counts_in(now)), NONE
    end
    local sums = counts_in(past)
    if sums[PAGES] > FADES_AT then
      for place = 1, PLACES do sums[place] = floor(sums[place] / 2) end
      past = added(NONE, sums)
    end
    return now .. past
  end

  local function value_of(value, more)
    if not value or #value ~= 4 + 3 * WINDOW then
      return HOUR .. added(NONE, more) .. NONE .. NONE
    elseif sub(value, 1, 4) == HOUR then
      return HOUR .. added(sub(value, 5, 4 + WINDOW), more) .. sub(value, 5 + WINDOW)
    end
    return HOUR .. added(NONE, more) .. turned(value)
  end

  local once = {} -- places of one page -> place -> 1
  local fresh = {} -- places of one page -> the value of a name that was never met before

  local function value_after(value, sum)
    if sum.several then
      return value_of(value, sum.several)
    end
    if not once[sum] then
      once[sum] = {}
      add_places(once[sum], sum)
      fresh[sum] = value_of(nil, once[sum])
    end
    return value and value_of(value, once[sum]) or fresh[sum]
  end

  local function read_met(names, new, old)
    local values, missing = call("HMGET", new, unpack(names)), {}
    if not is_there[old] then
      return values
    end
    for i, name in ipairs(names) do
      if not values[i] then missing[#missing + 1] = name end
    end
    local found, at = #missing > 0 and call("HMGET", old, unpack(missing)), 0
    for i = 1, found and #names or 0 do
      if not values[i] then
        at = at + 1
        values[i] = found[at]
      end
    end
    return values
  end

  local function write_met(met, new, old)
    local names = met.names
    if #names == 0 then
      return
    end
    local values, fields = read_met(names, new, old), {}
    if is_there[new] and call("HLEN", new) + #names > MOST_NAMES then call("RENAME", new, old) end
    for i, name in ipairs(names) do
      fields[2 * i - 1], fields[2 * i] = name, value_after(values[i], met.sums[name])
    end
    call_in_parts("HSET", new, fields)
  end

  write_meters = function(counts)
    write_met(hosts, HOSTS, HOSTS_BEFORE)
    write_met(sources, SOURCES, SOURCES_BEFORE)
    for bucket, n in pairs(latencies) do counts["latency|" .. bucket] = n end
    if next(latencies) then counts["latency|ms"] = spent_in_all end
  end
end
