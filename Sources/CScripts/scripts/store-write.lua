-- Writes a value if its key still has a version, or none. Answers the new version, or nothing if somebody
-- else was faster. Who asks again because the answer was lost gets it again.
--
-- KEYS[1] the value: its version, sixteen digits of who wrote it, and its bytes, with blanks between
-- ARGV: the version or nothing, sixteen digits of the asker's, the bytes
local head = redis.call('GETRANGE', KEYS[1], 0, 40)
local version, writer = string.match(head, '^(%d+) (%x+) ')
if writer == ARGV[2] then return version end
if (version or '') ~= ARGV[1] then return false end
local new = string.format('%.0f', tonumber(version or '0') + 1)
redis.call('SET', KEYS[1], new .. ' ' .. ARGV[2] .. ' ' .. ARGV[3])
return new
