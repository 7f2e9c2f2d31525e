package dev.sluice.system;

import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Looks into Redis past the gateways. */
public final class RedisLook implements AutoCloseable {
    private static final String HOLDING = """
            local found = {}
            for _, key in ipairs(redis.call('KEYS', '*')) do
              local type = redis.call('TYPE', key).ok
              local parts = type == 'hash' and redis.call('HGETALL', key)
                or type == 'list' and redis.call('LRANGE', key, 0, -1)
                or type == 'set' and redis.call('SMEMBERS', key)
                or type == 'zset' and redis.call('ZRANGE', key, 0, -1)
                or { redis.call('GET', key) }
              parts[#parts + 1] = key
              for _, part in ipairs(parts) do
                if string.find(part, ARGV[1], 1, true) then
                  found[#found + 1] = key .. ' holds ' .. part
                  break
                end
              end
            end
            return found
            """;

    private final Redis redis;

    public RedisLook(Vertx vertx, String uri) {
        redis = Redis.createClient(vertx, uri);
    }

    public Set<String> keys() {
        return run(Command.KEYS, "*").stream().map(Response::toString).collect(Collectors.toSet());
    }

    /** Every key in whose name, fields, members or values a text stands. */
    List<String> holding(String text) {
        return run(Command.EVAL, HOLDING, "0", text).stream()
                .map(Response::toString)
                .toList();
    }

    /** How many commands other clients have sent so far, whether Redis accepted them or not. */
    long commandsOfOthers() {
        Pattern counts = Pattern.compile("cmdstat_(?!info)[^:]+:calls=(\\d+).*,rejected_calls=(\\d+)");
        return counts.matcher(run(Command.INFO, "commandstats").toString())
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)) + Long.parseLong(found.group(2)))
                .sum();
    }

    /** How many scripts were run so far. */
    long scriptCalls() {
        return run(Command.INFO, "commandstats")
                .toString()
                .lines()
                .filter(line -> line.startsWith("cmdstat_eval"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf("calls=") + 6, line.indexOf(','))))
                .sum();
    }

    public Response run(Command command, String... arguments) {
        Request request = Request.cmd(command);
        for (String argument : arguments) {
            request.arg(argument);
        }
        return redis.send(request).toCompletionStage().toCompletableFuture().join();
    }

    @Override
    public void close() {
        redis.close();
    }
}
