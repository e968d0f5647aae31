
-- What a page is, by what is remembered. The order is the article's current text, a text known elsewhere, the article's
-- next version, near to another one, new.

local THRESHOLDS = read_thresholds(ARGV[10])

-- The id of the record that says the same, and what the ring holds of it; nil for news. A text that the article itself
-- had before is news.
local function find_same(article_key, text_key)
  local article, record = current_of(article_key), find_text(text_key)
  if article and article.text == text_key then
    return article.id, record
  end
  if record and not (article and article_of(record) == article_key) then
    return id_of(record), record
  end
end

-- The record that a page is a near copy of, and the likeness; or nil. Of its own article's current version it is one
-- only when next to nothing changed: else it is the next version.
local function find_alike(page, article)
  if AT_NEAR == "off" then
    return
  end
  local record, likeness
  if article then
    record = find_text(article.text)
    likeness = record and compare(read_sketch(page.sketch, 1), read_sketch(record.text, SKETCH_AT + 1), THRESHOLDS)
  else
    record, likeness = find_near(page.keys, page.sketch, THRESHOLDS)
  end
  if not likeness then
    return
  end
  if article_of(record) == page.article then
    if likeness.similarity < THRESHOLDS.same_resemblance then
      return
    end
    likeness.rule = "trivial"
  end
  return record, likeness
end

-- outcome; of: the id of the record that it repeats or replaces; record: what the ring holds of what it repeats;
-- similarity, reason: of a repetition; version, near: of a record, near the id of what it is a copy of.
local function decide(page)
  local article = current_of(page.article)
  local of, record = find_same(page.article, page.text)
  if of then
    return {outcome = "duplicate", of = of, record = record, similarity = "1"}
  end
  local alike, likeness = find_alike(page, article)
  local near_id = alike and (article and article.id or id_of(alike))
  if alike and AT_NEAR == "drop" then
    return {
      outcome = "near_duplicate", of = near_id, record = alike, reason = likeness.rule,
      similarity = string.format("%.3f", likeness.similarity / 1000),
    }
  end
  if article then
    return {outcome = "updated", of = article.id, version = article.version + 1, near = near_id}
  end
  return {outcome = "published", version = 1, near = near_id}
end

-- A page that gave no record leads to what it repeats. Where that will be forgotten before long, it is remembered anew.
local function remember_repetition(page, of, record)
  keep_current(page.article)
  if record then keep_current(article_of(record)) end
  if record and not is_fading(record) then
    remember_bytes({bytes = page.bytes, text = text_of(record), article = page.article})
  elseif record then
    local sketch = sub(record.text, SKETCH_AT + 1, ID_AT)
    remember({
      id = of, bytes = page.bytes, text = text_of(record), article = article_of(record), keys = page.keys,
      sketch = sketch,
    })
  else
    remember({
      id = of, bytes = page.bytes, text = page.text, article = page.article, keys = page.keys, sketch = page.sketch,
    })
  end
end

local function remember_record(page, version)
  remember(page)
  make_current(page.article, {text = page.text, version = version, id = page.id})
end
