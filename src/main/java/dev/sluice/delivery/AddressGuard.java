package dev.sluice.delivery;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which addresses may be sent to. Whoever may register a webhook could otherwise have the gateway call what only the gateway can
 * reach: itself, its neighbours, the metadata service of its cloud. It is asked about the address that is connected to, whatever
 * the name it was found under.
 *
 * <p>Refused is what is not globally reachable by IANA's special-purpose address registries (RFC 6890, as of 2026), multicast,
 * and what stands for another address (6to4, Teredo); an address behind NAT64 is refused when the one that it stands for is.
 */
public final class AddressGuard {
    private static final List<String> NOT_PUBLIC = List.of(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            // Azure's metadata and DNS, which looks public.
            "168.63.129.16/32",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "::/96",
            "64:ff9b:1::/48",
            "100::/64",
            "100:0:0:1::/64",
            "2001::/23",
            "2001:db8::/32",
            "2002::/16",
            "3fff::/20",
            "5f00::/16",
            "fc00::/7",
            "fe80::/10",
            "fec0::/10",
            "ff00::/8");

    /** What ends with a digit is, if anything, an address (WHATWG URL standard, host parsing). */
    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9-]+\\.)*[A-Za-z0-9-]*[A-Za-z-]\\.?");

    private static final String NAT64 = "64:ff9b::/96";
    private static final int WHERE_NAT64_HOLDS_IPV4 = 12;

    // Not static: these are no work for the build of a native image, which leaves Netty's networking to run time.
    private final List<IpSubnetFilterRule> refused = rules(NOT_PUBLIC.stream());
    private final List<IpSubnetFilterRule> nat64 = rules(Stream.of(NAT64));
    private final List<IpSubnetFilterRule> allowedRanges;
    private final Set<String> allowedHosts;

    /**
     * Makes one.
     *
     * @param allowed what it lets pass beyond what is public: addresses, ranges of them in CIDR notation, and names of hosts,
     *     whatever those resolve to
     * @throws IllegalArgumentException if one of them is none of these
     */
    public AddressGuard(Collection<String> allowed) {
        this.allowedRanges = rules(allowed.stream().filter(text -> !isHost(text)));
        this.allowedHosts = allowed.stream()
                .filter(AddressGuard::isHost)
                .map(AddressGuard::canonical)
                .collect(Collectors.toSet());
    }

    private static boolean isHost(String text) {
        return HOST.matcher(text).matches() && NetUtil.createInetAddressFromIpAddressString(text) == null;
    }

    /** Whether a host may be sent to at this address. */
    boolean allows(String host, InetAddress address) {
        return allowedHosts.contains(canonical(host))
                || matches(allowedRanges, address)
                || !(matches(refused, address)
                        || carried(address).filter(this::isRefused).isPresent());
    }

    private boolean isRefused(InetAddress carried) {
        return matches(refused, carried) && !matches(allowedRanges, carried);
    }

    /** The IPv4 address that an address behind NAT64 stands for (RFC 6052). */
    private Optional<InetAddress> carried(InetAddress address) {
        if (!(address instanceof Inet6Address) || !matches(nat64, address)) {
            return Optional.empty();
        }
        byte[] bytes = address.getAddress();
        try {
            return Optional.of(
                    InetAddress.getByAddress(Arrays.copyOfRange(bytes, WHERE_NAT64_HOLDS_IPV4, bytes.length)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    private static boolean matches(List<IpSubnetFilterRule> rules, InetAddress address) {
        InetSocketAddress socket = new InetSocketAddress(address, 0);
        return rules.stream().anyMatch(rule -> rule.matches(socket));
    }

    private static String canonical(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }

    private static List<IpSubnetFilterRule> rules(Stream<String> ranges) {
        return ranges.map(AddressGuard::rule).toList();
    }

    private static IpSubnetFilterRule rule(String range) {
        int slash = range.indexOf('/');
        InetAddress address =
                NetUtil.createInetAddressFromIpAddressString(slash < 0 ? range : range.substring(0, slash));
        if (address == null) {
            throw new IllegalArgumentException("'" + range + "' is neither an address, a range of them nor a host");
        }
        int prefix = slash < 0
                ? address.getAddress().length * Byte.SIZE
                : Integer.parseInt(range, slash + 1, range.length(), 10);
        return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.REJECT);
    }
}
