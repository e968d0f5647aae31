
-- The records, one by one. A text that is known changes nothing, so that a second run over a corpus does not either.

-- A page's own bytes cannot be told from its record: the key of its text stands for them, which no bytes have.
local function is_of_corpus(record) return bytes_of(record) == text_of(record) end

local function article_of(one)
  local own = article_at(one.address)
  if one.article == "" or current_of(own) then
    return own
  end
  return article_at(one.article)
end

-- What the mill published itself stays current: it is newer than a corpus. Of several records the highest version is,
-- and where none is told, the last.
local function is_next(current, version)
  if not current then
    return true
  end
  local record = find_text(current.text)
  return record and is_of_corpus(record) and version >= current.version
end

-- Whether a record with a text that is known is a later version all the same: somebody took a change back.
local function is_taken_back(current, one)
  return current and one.version and one.version > current.version and is_next(current, one.version)
end

local function remember_record(one)
  local key = article_of(one)
  local current = current_of(key)
  if find_text(one.text) and not is_taken_back(current, one) then
    return 0
  end
  local version = one.version or (current and current.version + 1) or 1
  if is_next(current, version) then
    local first = math.min(one.first or NOW, current and current.first or NOW, NOW)
    make_current(key, {text = one.text, first = first, version = version, source = one.address, id = one.id})
  elseif key ~= one.address and not value_of(one.address) then
    put(one.address, key)
  end
  remember(one)
  return 1
end

open_ring(MEMORY_PAGES, MEMORY_MS)
local records, coming = {}, 0
for at = 3, #ARGV, WIDTH do
  local one = {
    id = ARGV[at], address = ARGV[at + 1], text = ARGV[at + 2], bytes = ARGV[at + 2], keys = ARGV[at + 3],
    sketch = ARGV[at + 4], article = ARGV[at + 5], version = tonumber(ARGV[at + 6]), first = tonumber(ARGV[at + 7]),
  }
  records[#records + 1] = one
  if not find_text(one.text) then coming = coming + 1 end
end
if coming > 0 then rotate(coming) end
local answers, before = {}, ring.at
for i, one in ipairs(records) do answers[i] = remember_record(one) end
close_ring()
write_articles()
return {answers, before, ring.at, ring.reach, ring.pages}
