-- Removes a value if its key still has a version. Answers 1 if it did, 0 if it has another, -1 if there is
-- no value.
--
-- KEYS[1] the value, as it is written
-- ARGV: the version
local head = redis.call('GETRANGE', KEYS[1], 0, 40)
if head == '' then return -1 end
if string.match(head, '^(%d+) ') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1
