package dev.sluice.redis;

import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One call of a script: its keys and arguments, gathered in order. */
public final class Call {
    private final Script script;
    private final List<String> keys = new ArrayList<>();
    private final List<byte[]> args = new ArrayList<>();
    private Durability durability = new Durability.Memory();

    public Call(Script script) {
        this.script = script;
    }

    Script script() {
        return script;
    }

    public Call key(String key) {
        keys.add(key);
        return this;
    }

    public Call arg(String arg) {
        return arg(arg.getBytes(StandardCharsets.UTF_8));
    }

    public Call arg(long arg) {
        return arg(Long.toString(arg));
    }

    public Call arg(byte[] arg) {
        args.add(arg);
        return this;
    }

    /** It counts as run only when what it wrote is so safe; until something is said Redis need only have it in memory. */
    public Call safe(Durability how) {
        durability = how;
        return this;
    }

    Durability durability() {
        return durability;
    }

    /** How much there is to send, but for a few. */
    int bytes() {
        return args.stream().mapToInt(arg -> arg.length).sum();
    }

    String firstKey() {
        return keys.get(0);
    }

    /** For a server that has the script already. */
    Request bySha1() {
        return request(Command.EVALSHA, script.sha1());
    }

    /** For one that has not; it keeps it. */
    Request byText() {
        return request(Command.EVAL, script.text());
    }

    private Request request(Command command, String name) {
        Request request = Request.cmd(command).arg(name).arg(keys.size());
        keys.forEach(request::arg);
        args.forEach(request::arg);
        return request;
    }
}
