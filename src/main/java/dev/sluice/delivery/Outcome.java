package dev.sluice.delivery;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** What one delivery attempt came to; decides what happens to the lane. */
sealed interface Outcome {
    /** The target answered 2xx. */
    record Delivered(int status) implements Outcome {}

    /**
     * Worth another try.
     *
     * @param reason what happened, for people
     * @param status the target's answer, where there was one
     * @param retryAfter how long the target asked to be left alone (Retry-After on 429 and 503)
     * @param excerpt the beginning of what the target answered, printable; empty when there is none. It may repeat what the
     *     target was sent, so it has no place in a log
     */
    record Failed(String reason, OptionalInt status, Optional<Duration> retryAfter, String excerpt) implements Outcome {
        private static final int TOO_MANY_REQUESTS = 429;
        private static final int REQUEST_TIMEOUT = 408;
        private static final int GONE = 410;
        private static final int UNAUTHORIZED = 401;
        private static final int INTERNAL_SERVER_ERROR = 500;
        private static final int LONGEST_REASON = 200;

        static Failed because(String reason) {
            return new Failed(reason, OptionalInt.empty(), Optional.empty(), "");
        }

        static Failed because(Throwable failure) {
            Throwable root = failure;
            while (root.getCause() != null) {
                root = root.getCause();
            }
            String what = text(failure);
            String why = text(root);
            // Some quote what the target sent.
            String reason = Excerpt.of(what.contains(why) ? what : what + ": " + why);
            return because(reason.substring(0, Math.min(reason.length(), LONGEST_REASON)));
        }

        private static String text(Throwable failure) {
            String message = failure.getMessage();
            return message == null ? failure.getClass().getSimpleName() : message;
        }

        /** The same, with what the target said. */
        Failed saying(String said) {
            return new Failed(reason, status, retryAfter, said);
        }

        /** The reason and what the target said. */
        String inFull() {
            return excerpt.isEmpty() ? reason : reason + ": " + excerpt;
        }

        /** Whether the whole target, not just this lane, asks to be left alone. */
        boolean holdsTarget() {
            return status.orElse(0) == TOO_MANY_REQUESTS && retryAfter.isPresent();
        }

        /** Whether it speaks against the target itself, and not against this one event. */
        boolean isOfTarget() {
            int answered = status.orElse(INTERNAL_SERVER_ERROR);
            return answered >= INTERNAL_SERVER_ERROR || answered == TOO_MANY_REQUESTS || answered == REQUEST_TIMEOUT;
        }

        /** Whether the target does not know who calls it. */
        boolean isUnauthorized() {
            return status.orElse(0) == UNAUTHORIZED;
        }

        /** Whether the target says that it wants nothing more. */
        boolean isGone() {
            return status.orElse(0) == GONE;
        }
    }

    /** The lease ended, or was about to, before the target had answered: nobody knows, and it is not ours to say. */
    record Lost(String reason) implements Outcome {}

    /**
     * Never sent: nothing may be sent to this target now. Costs no attempt.
     *
     * @param hold for how long nothing can be, where that is known
     */
    record Withheld(String reason, Optional<Duration> hold) implements Outcome {
        Withheld(String reason) {
            this(reason, Optional.empty());
        }
    }
}
