package dev.sluice.signature;

/** A sealed secret stays closed. The message tells the id of the key and what may be the matter, and nothing of the secret. */
public final class CannotOpen extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CannotOpen(String message) {
        super(message);
    }
}
