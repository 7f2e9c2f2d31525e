package dev.sluice.target;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** What may be the URL of a target. */
public final class TargetUrl {
    private static final int LAST_PORT = 65_535;

    private TargetUrl() {}

    /** No URL to send events to. */
    public static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;

        private final String reason;
        private final String mend;

        Unfit(String reason, String mend) {
            super(reason, null, false, false);
            this.reason = reason;
            this.mend = mend;
        }

        /** What is wrong with it; never holds the text itself, in which credentials may stand. */
        public String reason() {
            return reason;
        }

        /** What to do about it. */
        public String mend() {
            return mend;
        }
    }

    /** Reads one.
     *
     * @throws Unfit if nothing could be sent there
     */
    public static URI of(String text) throws Unfit {
        URI url = parse(text);
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new Unfit("it begins with neither http:// nor https://", "give an absolute URL");
        }
        if (url.getHost() == null) {
            throw new Unfit("it names no host that a URL may name", "give one without _ and the like");
        }
        if (url.getPort() == 0 || url.getPort() > LAST_PORT) {
            throw new Unfit("there is no port " + url.getPort(), "give one of 1 to " + LAST_PORT);
        }
        if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
            throw new Unfit("it holds credentials or a fragment", "remove them");
        }
        // Other characters are no part of an HTTP request's first line.
        return URI.create(url.toASCIIString());
    }

    private static URI parse(String text) throws Unfit {
        try {
            return new URI(text.trim());
        } catch (URISyntaxException e) {
            throw new Unfit("it is no URL", "give one like https://erp.example/hooks");
        }
    }
}
