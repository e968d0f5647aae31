-- Is one text a copy of the other? pipeline/sameness/near.py in Lua: the same whole numbers, the same answer. Plain Lua
-- 5.1, without its `bit`, which fakeredis has not.
--
-- A sketch: runs (2 bytes, big-endian), pairs (2), the numeric share of the runs in 250ths (1), then lanes of 4 bits,
-- 0 where empty: 176 of runs, 80 of pairs with a number.

local SKETCH_BYTES = 133
local read_sketch, compare, change, is_fuller, read_thresholds
do
  local RUN_LANES = 176
  local VALUES = 15 -- that a lane may have besides 0
  local RUNS_END = 5 + RUN_LANES / 2

  local byte, max, min = string.byte, math.max, math.min

  local LOW = {} -- of a byte: its lower half
  for i = 0, 255 do LOW[i] = i % 16 end

  function read_sketch(text, at)
    local a, b, c, d, e = byte(text, at, at + 4)
    return {
      runs = a * 256 + b, pairs = c * 256 + d, numeric = e * 4,
      run_lanes = {byte(text, at + 5, at + RUNS_END - 1)}, text = text, at = at,
    }
  end

  local function pair_lanes(sketch)
    return {byte(sketch.text, sketch.at + RUNS_END, sketch.at + SKETCH_BYTES - 1)}
  end

  -- How much of both sets, and of the smaller, they share: from their lanes and their sizes, in thousandths.
  local function shared(one, other, size_one, size_other)
    local equal, differ, empty = 0, 0, 0
    for i = 1, #one do
      local x, y = one[i], other[i]
      local low_x, low_y = LOW[x], LOW[y]
      local high_x, high_y = x - low_x, y - low_y
      if low_x == low_y then
        if low_x == 0 then empty = empty + 1 else equal = equal + 1 end
      elseif low_x ~= 0 and low_y ~= 0 then
        differ = differ + 1
      end
      if high_x == high_y then
        if high_x == 0 then empty = empty + 1 else equal = equal + 1 end
      elseif high_x ~= 0 and high_y ~= 0 then
        differ = differ + 1
      end
    end
    -- Of the lanes where two values meet by chance, one in VALUES is equal; all is taken that many times less one.
    local both = (VALUES - 1) * equal - differ
    local small, large = min(size_one, size_other), max(size_one, size_other)
    if both <= 0 or small == 0 then
      return 0, 0
    end
    local used = (VALUES - 1) * (2 * #one - empty)
    local contained = math.floor(1000 * both * (small + large) / ((used + both) * small))
    if contained >= 1000 then
      return math.floor(1000 * small / large), 1000
    end
    return math.floor(1000 * both / used), contained
  end

  local function alike(runs, similarity, containment, t)
    if runs + 4 < t.short then
      return similarity >= t.short_resemblance and "short" or "apart"
    end
    local is_long = runs >= t.long
    if similarity >= (is_long and t.long_resemblance or t.resemblance) then
      return "resemblance"
    end
    return containment >= (is_long and t.long_containment or t.containment) and "containment" or "apart"
  end

  local function figures_wanted(a, b, similarity, t)
    local numeric = a.runs < b.runs and a.numeric or b.numeric
    if a.runs == b.runs then numeric = max(a.numeric, b.numeric) end
    local eased = t.figures_contained - math.floor(t.figures_eased * similarity / 1000)
    return min(eased, t.figures_slope * (numeric - t.figures_from))
  end

  -- {copy, similarity, containment, figures, rule}, without figures where too little is the same; `a` and `b` are from
  -- read_sketch, `t` from read_thresholds.
  function compare(a, b, t)
    local similarity, containment = shared(a.run_lanes, b.run_lanes, a.runs, b.runs)
    local rule = alike(min(a.runs, b.runs), similarity, containment, t)
    if rule == "apart" then
      return {copy = false, similarity = similarity, containment = containment, rule = rule}
    end
    local figures = 1000
    if a.pairs > 0 and b.pairs > 0 then
      local _
      _, figures = shared(pair_lanes(a), pair_lanes(b), a.pairs, b.pairs)
    end
    if similarity < t.same_resemblance and min(a.pairs, b.pairs) >= t.figures
      and figures < figures_wanted(a, b, similarity, t) then
      rule = "figures"
    end
    return {
      copy = rule ~= "figures", similarity = similarity, containment = containment, figures = figures, rule = rule,
    }
  end

  -- What a text has that an older one has not, and what it has no more: estimated, in thousandths of either.
  function change(new, old, likeness)
    local in_larger = math.floor(likeness.containment * min(new.runs, old.runs) / max(new.runs, old.runs, 1))
    if new.runs < old.runs then
      return {added = 1000 - likeness.containment, removed = 1000 - in_larger}
    end
    return {added = 1000 - in_larger, removed = 1000 - likeness.containment}
  end

  -- Whether a copy says what the older text says, and much more.
  function is_fuller(new, old, likeness, t)
    return likeness.copy and new.runs * 1000 >= old.runs * t.fuller_growth
      and likeness.containment >= t.fuller_containment
  end

  -- The thresholds' numbers in the order of pipeline.sameness.near.Thresholds, one blank apart.
  function read_thresholds(text)
    local names = {
      "short", "short_resemblance", "resemblance", "containment", "long", "long_resemblance", "long_containment",
      "figures", "figures_contained", "figures_eased", "figures_slope", "figures_from", "same_resemblance",
      "fuller_growth", "fuller_containment",
    }
    local found, i = {}, 0
    for number in string.gmatch(text, "-?%d+") do
      i = i + 1
      found[names[i]] = tonumber(number)
    end
    return found
  end
end

