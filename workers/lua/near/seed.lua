-- The pages, one by one.

local THRESHOLDS = read_thresholds(ARGV[3])

local function seed(page)
  local record = find_bytes(page.bytes)
  if record then
    local of = find_text(text_of(record))
    return {"bytes", of and id_of(of) or ""}
  end
  record = find_text(page.text)
  if record then
    remember_bytes(page)
    return {"text", id_of(record)}
  end
  local likeness
  record, likeness = find_near(page, THRESHOLDS)
  if record then
    remember_bytes({bytes = page.bytes, text = text_of(record), address = address_of(record)})
    return {"near", id_of(record), likeness.similarity, likeness.containment, likeness.figures, likeness.rule}
  end
  remember(page)
  return {"new"}
end

open_ring(tonumber(ARGV[1]), tonumber(ARGV[2]))
local answers = {}
for at = 4, #ARGV, 6 do
  answers[#answers + 1] = seed({
    id = ARGV[at], bytes = ARGV[at + 1], text = ARGV[at + 2], address = ARGV[at + 3], keys = ARGV[at + 4],
    sketch = ARGV[at + 5],
  })
end
close_ring()
return answers
