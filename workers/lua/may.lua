-- Asks whether this user may run commands, without running them.
--
-- KEYS: none
-- ARGV: for each command the number of its words, then the words
-- Answers the number of each command that the user may not run, counted from 1.

local denied, at, number = {}, 1, 0
while at <= #ARGV do
  local words = tonumber(ARGV[at])
  number = number + 1
  -- fakeredis has no users.
  if redis.acl_check_cmd and not redis.acl_check_cmd(unpack(ARGV, at + 1, at + words)) then
    denied[#denied + 1] = number
  end
  at = at + 1 + words
end
return denied
