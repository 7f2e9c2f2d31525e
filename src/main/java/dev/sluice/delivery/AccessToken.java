package dev.sluice.delivery;

import dev.sluice.event.Story;
import dev.sluice.reactive.SharedResult;
import io.quarkus.oidc.client.Tokens;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jboss.logging.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The access token of one OAuth2 client: asked for once for all who want it, and anew shortly before it expires, while the old one
 * still serves. A token endpoint that gives none is left alone for a pause, which grows; whoever wants a token meanwhile is told
 * for how long. From any thread.
 */
final class AccessToken {
    private static final Logger LOG = Logger.getLogger(AccessToken.class);

    static final Duration ANSWERED_WITHIN = Duration.ofSeconds(5);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /** Before it expires; of a token that does not live long a part of its life. */
    private static final Duration RENEWED_BEFORE = Duration.ofSeconds(30);

    private static final int PART_OF_A_LIFE = 5;

    /** So that a token that expires at once is not asked for by each attempt. */
    private static final Duration USED_FOR_AT_LEAST = Duration.ofSeconds(1);

    /** A target that refuses every token must not have the endpoint asked for each attempt. */
    private static final Duration BETWEEN_REFUSALS = Duration.ofSeconds(10);

    /** RFC 6750, section 2.1. */
    private static final Pattern BEARER = Pattern.compile("[A-Za-z0-9._~+/-]+=*");

    /** What an endpoint says of itself may be told, and no more of its answer (RFC 6749, section 5.2). */
    private static final Pattern ERROR_CODE = Pattern.compile("\"error\"\\s*:\\s*\"([a-z_]{1,40})\"");

    private final String client;
    private final Supplier<Uni<Tokens>> endpoint;
    private final InstantSource time;
    private @Nullable Token current;
    private @Nullable Uni<Token> question;
    private Instant askAgain = Instant.MIN;
    private Instant refusable = Instant.MIN;
    private Duration pause = Duration.ZERO;

    private record Token(String text, Instant renewAt, Instant expiresAt) {}

    /** There is none, and none will be asked for before a pause is over. */
    static final class Missing extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final Duration pause;

        Missing(Duration pause) {
            super("there is no access token", null, false, false);
            this.pause = pause;
        }

        Duration pause() {
            return pause;
        }
    }

    /** Makes one.
     *
     * @param client its name, for people
     * @param endpoint asks for a token
     */
    AccessToken(String client, Supplier<Uni<Tokens>> endpoint, InstantSource time) {
        this.client = client;
        this.endpoint = endpoint;
        this.time = time;
    }

    /** One that serves now; fails with {@link Missing}. Emitted on any thread. */
    synchronized Uni<String> get() {
        Instant now = time.instant();
        Token known = current;
        if (known != null && now.isBefore(known.renewAt())) {
            return Uni.createFrom().item(known.text());
        }
        Uni<Token> asked = question;
        if (asked == null && !now.isBefore(askAgain)) {
            asked = ask();
        }
        if (known != null && now.isBefore(known.expiresAt())) {
            return Uni.createFrom().item(known.text());
        }
        return asked != null
                ? asked.map(Token::text)
                : Uni.createFrom().failure(new Missing(Duration.between(now, askAgain)));
    }

    /** A target did not take it. The next one who wants a token gets another. */
    synchronized void refused(String text) {
        Instant now = time.instant();
        if (current != null && current.text().equals(text) && !now.isBefore(refusable)) {
            current = null;
            refusable = now.plus(BETWEEN_REFUSALS);
        }
    }

    private Uni<Token> ask() {
        Uni<Token> asked = SharedResult.of(Uni.createFrom()
                .deferred(endpoint::get)
                .ifNoItem()
                .after(ANSWERED_WITHIN)
                .fail()
                .map(this::read)
                .onItem()
                .invoke(this::got)
                .onFailure()
                .transform(this::missed));
        question = asked;
        // To the end also when nobody waits any more.
        asked.subscribe().with(token -> {}, missing -> {});
        return asked;
    }

    private Token read(Tokens tokens) {
        String text = tokens.getAccessToken();
        if (text == null || !BEARER.matcher(text).matches()) {
            throw new IllegalArgumentException("this is no bearer token");
        }
        Instant now = time.instant();
        if (tokens.getAccessTokenExpiresAt() == null) {
            return new Token(text, Instant.MAX, Instant.MAX);
        }
        Instant expiresAt = Instant.ofEpochSecond(tokens.getAccessTokenExpiresAt());
        Duration part = Duration.between(now, expiresAt).dividedBy(PART_OF_A_LIFE);
        Instant renewAt = expiresAt.minus(part.compareTo(RENEWED_BEFORE) < 0 ? part : RENEWED_BEFORE);
        Instant soonest = now.plus(USED_FOR_AT_LEAST);
        return new Token(text, renewAt.isAfter(soonest) ? renewAt : soonest, expiresAt);
    }

    private synchronized void got(Token token) {
        question = null;
        current = token;
        if (!pause.isZero()) {
            pause = Duration.ZERO;
            Story.tell(LOG, Level.INFO, "access token again", "client", client);
        }
    }

    private synchronized Throwable missed(Throwable failure) {
        question = null;
        if (pause.isZero()) {
            Story.tell(LOG, Level.WARN, "no access token", "client", client, "reason", reason(failure));
        }
        Duration longer = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
        pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
        askAgain = time.instant().plus(pause);
        return new Missing(pause);
    }

    private static String reason(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return "no answer within " + ANSWERED_WITHIN.toSeconds() + " s";
        }
        Matcher code = ERROR_CODE.matcher(String.valueOf(failure.getMessage()));
        return code.find() ? "the token endpoint says " + code.group(1) : "the token endpoint gave none";
    }
}
