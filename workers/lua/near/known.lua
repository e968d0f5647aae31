
-- Of the bytes that ARGV[3] and all behind it are the keys of: 1 for those that are remembered for some while yet, else
-- 0. Nothing is written.

open_ring(tonumber(ARGV[1]), tonumber(ARGV[2]))
local answers = {}
for i = 3, #ARGV do
  local record = find_bytes(ARGV[i])
  answers[i - 2] = record and not is_fading(record) and 1 or 0
end
return answers
