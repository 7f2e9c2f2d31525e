package dev.sluice.config;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** What a target is told of who calls it, out of its properties. */
final class AuthSettings {
    private static final String AUTHORIZATION = "Authorization";

    /** RFC 6750, section 2.1. */
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    private AuthSettings() {}

    /** The static headers of a target, and the one that says who calls. */
    static Map<String, String> headers(SluiceProperties.Target properties, Values values) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.putAll(properties.headers());
        SluiceProperties.Auth auth = properties.auth();
        List<String> kinds = new ArrayList<>();
        if (headers.containsKey(AUTHORIZATION)) {
            kinds.add("headers." + AUTHORIZATION);
        }
        basic(auth.basic(), values).ifPresent(value -> {
            kinds.add("auth.basic");
            headers.put(AUTHORIZATION, value);
        });
        auth.bearer().ifPresent(token -> {
            kinds.add("auth.bearer");
            headers.put(AUTHORIZATION, bearer(token, values));
        });
        if (auth.oauth2().isPresent()) {
            kinds.add("auth.oauth2");
        }
        if (kinds.size() > 1) {
            values.fault(kinds.get(1), "there is " + kinds.get(0) + " as well", "keep one of them");
        }
        return headers;
    }

    private static Optional<String> basic(SluiceProperties.Basic basic, Values values) {
        Optional<String> username = basic.username();
        Optional<String> password = basic.password();
        if (username.isEmpty() && password.isEmpty()) {
            return Optional.empty();
        }
        if (username.isEmpty()) {
            values.fault("auth.basic.username", "it is missing", "give it, or remove the password");
        }
        if (password.isEmpty()) {
            values.fault("auth.basic.password", "it is missing", "give it, or remove the username");
        }
        if (username.filter(name -> name.contains(":")).isPresent()) {
            values.fault("auth.basic.username", "it holds a colon, which ends it", "use another one");
        }
        String both = username.orElse("") + ":" + password.orElse("");
        return Optional.of("Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }

    private static String bearer(String token, Values values) {
        if (!TOKEN.matcher(token).matches()) {
            values.fault("auth.bearer", "this is no token", "give the token alone, without Bearer before it");
        }
        return "Bearer " + token;
    }
}
