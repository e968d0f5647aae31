-- Redis's own clock: one for all workers, whatever theirs say. It may jump, also back.

-- Milliseconds since 1970 in ISO 8601, UTC. From days to a date as in Howard Hinnant, "chrono-Compatible Low-Level
-- Date Algorithms", civil_from_days: years that begin in March end with the leap day, and repeat after 400.
local function iso_time(ms)
  local floor = math.floor
  local seconds = floor(ms / 1000)
  local days = floor(seconds / 86400) + 719468 -- since 1 March of the year 0
  local era = floor(days / 146097)
  local day = days - era * 146097
  local year = floor((day - floor(day / 1460) + floor(day / 36524) - floor(day / 146096)) / 365)
  day = day - (365 * year + floor(year / 4) - floor(year / 100))
  local month = floor((5 * day + 2) / 153)
  day = day - floor((153 * month + 2) / 5) + 1
  year, month = year + era * 400 + (month < 10 and 0 or 1), month < 10 and month + 3 or month - 9
  local second = seconds % 86400
  return string.format("%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
    floor(second / 3600), floor(second / 60) % 60, second % 60, ms % 1000)
end

local CLOCK = redis.call("TIME")
local NOW = CLOCK[1] * 1000 + math.floor(CLOCK[2] / 1000)
local NOW_ISO = iso_time(NOW)

