package dev.sluice.target;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;

/** What may be the URL of a target. */
public final class TargetUrl {
    private static final int LAST_PORT = 65_535;

    /** Then it is an address, and if not in four decimal parts, some read it as another one (WHATWG URL standard, host parsing). */
    private static final Pattern ENDS_IN_A_NUMBER = Pattern.compile("(?i)(^|\\.)([0-9]+|0x[0-9a-f]*)\\.?$");

    private static final Pattern IPV4 = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

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
        if (ENDS_IN_A_NUMBER.matcher(url.getHost()).find()
                && !IPV4.matcher(url.getHost()).matches()) {
            throw new Unfit("its host is an address in no form that all read alike", "write it like 192.0.2.1");
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
