
-- What a page is, by what is remembered. The order is the article's current text, a text known elsewhere, the article's
-- next version, near to another one, new.

local THRESHOLDS = read_thresholds(ARGV[10])

-- The id of the record that says the same, and what the ring holds of it; nil for news. A text that the article itself
-- had before is news where it comes from the address of the current version: there somebody took a change back.
local function find_same(address, text_key)
  local key = article_at(address)
  local article, record = current_of(key), find_text(text_key)
  if article and article.text == text_key then
    return article.id, record
  end
  if record and not (article and article.source == address and article_at(address_of(record)) == key) then
    return id_of(record), record
  end
end

local function liken(page, record) return compare(sketch_of(page), sketch_of(record), THRESHOLDS) end

local function near_duplicate(of, record, likeness, reason)
  return {
    outcome = "near_duplicate", of = of, record = record, reason = reason,
    similarity = string.format("%.3f", likeness.similarity / 1000),
  }
end

-- `record`, `likeness`: of the current version, where its sketch is remembered.
local function next_version(page, key, record, likeness)
  local article = current_of(key)
  return {
    outcome = "updated", article = key, of = article.id, version = article.version + 1, first = article.first,
    change = record and change(sketch_of(page), sketch_of(record), likeness),
  }
end

-- Of an article whose current version came from the same address.
local function decide_version(page, key)
  local article = current_of(key)
  local record = find_text(article.text)
  local likeness = record and liken(page, record)
  local is_trivial = likeness and likeness.similarity >= THRESHOLDS.same_resemblance
  if is_trivial and AT_NEAR == "drop" then
    return near_duplicate(article.id, record, likeness, "trivial")
  end
  local decision = next_version(page, key, record, likeness)
  decision.near = is_trivial and AT_NEAR == "mark" and article.id or nil
  return decision
end

-- The record that a page is a copy of, and the likeness; or nil.
local function find_copied(page, key)
  local article = current_of(key)
  if article then
    local record = find_text(article.text)
    local likeness = record and liken(page, record)
    if likeness and likeness.copy then
      return record, likeness
    end
    if key == page.address then
      return
    end
  end
  return find_near(page, THRESHOLDS)
end

-- A copy that says much more than the article does now is its next version; else nil.
local function decide_fuller(page, record, likeness)
  local key = article_at(address_of(record))
  local article = current_of(key)
  if article and article.text ~= text_of(record) then
    record = find_text(article.text)
    likeness = record and liken(page, record)
  end
  if article and record and is_fuller(sketch_of(page), sketch_of(record), likeness, THRESHOLDS) then
    local decision = next_version(page, key, record, likeness)
    decision.reason = "fuller"
    return decision
  end
end

-- Of an address that has no article, or whose article's current version came from another one.
local function decide_copy(page, key)
  local record, likeness
  if AT_NEAR ~= "off" then record, likeness = find_copied(page, key) end
  if record and AT_NEAR == "drop" then
    return KEEPS == "longest" and decide_fuller(page, record, likeness)
      or near_duplicate(id_of(record), record, likeness, likeness.rule)
  end
  local decision
  if key == page.address and current_of(key) then
    local before = find_text(current_of(key).text)
    decision = next_version(page, key, before, before and liken(page, before))
  else
    decision = {outcome = "published", article = page.address, version = 1, first = NOW}
  end
  decision.near = record and id_of(record)
  return decision
end

-- outcome; of: the id of the record that it repeats or replaces; record: what the ring holds of what it repeats;
-- similarity, reason: of a repetition, reason also of a fuller text. Of a record: article, version, first (when the
-- first version was published), change (since the last one), near (the id of what it is a copy of).
local function decide(page)
  local of, record = find_same(page.address, page.text)
  if of then
    return {outcome = "duplicate", of = of, record = record, similarity = "1"}
  end
  local key = article_at(page.address)
  local article = current_of(key)
  if article and article.source == page.address then
    return decide_version(page, key)
  end
  return decide_copy(page, key)
end

-- A page that gave no record leads to what it repeats. Where that will be forgotten before long, it is remembered anew.
local function remember_repetition(page, of, record)
  keep_current(page.address)
  if record then keep_current(address_of(record)) end
  if record and not is_fading(record) then
    remember_bytes({bytes = page.bytes, text = text_of(record), address = page.address})
  elseif record then
    remember({
      id = of, bytes = page.bytes, text = text_of(record), address = address_of(record), keys = page.keys,
      sketch = sub(record.text, SKETCH_AT + 1, ID_AT),
    })
  else
    remember({
      id = of, bytes = page.bytes, text = page.text, address = page.address, keys = page.keys, sketch = page.sketch,
    })
  end
end

local function remember_record(page, decision)
  remember(page)
  make_current(decision.article, {
    text = page.text, first = decision.first, version = decision.version, source = page.address, id = page.id,
  })
end
