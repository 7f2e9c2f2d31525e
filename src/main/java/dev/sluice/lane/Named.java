package dev.sluice.lane;

import dev.sluice.redis.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/**
 * Keys and arguments that a script does not need in every call: what is not brought costs nothing. They stand behind all others, and the
 * script knows them by their names.
 */
final class Named {
    private final StringJoiner keyNames = new StringJoiner(" ");
    private final StringJoiner argNames = new StringJoiner(" ");
    private final List<String> keys = new ArrayList<>();
    private final List<String> args = new ArrayList<>();

    Named key(String name, String key) {
        keyNames.add(name);
        keys.add(key);
        return this;
    }

    Named arg(String name, String arg) {
        argNames.add(name);
        args.add(arg);
        return this;
    }

    Named arg(String name, long arg) {
        return arg(name, Long.toString(arg));
    }

    /** Two arguments: the names of the keys and those of the arguments. */
    void tellNames(Call call) {
        call.arg(keyNames.toString()).arg(argNames.toString());
    }

    void add(Call call) {
        keys.forEach(call::key);
        args.forEach(call::arg);
    }
}
