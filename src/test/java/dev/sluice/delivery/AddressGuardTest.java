package dev.sluice.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private final AddressGuard guard = new AddressGuard(List.of());

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "10.0.0.1",
                "100.64.0.1",
                "100.100.100.200",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.254",
                "168.63.129.16",
                "169.254.169.254",
                "172.16.0.1",
                "172.31.255.255",
                "192.0.0.192",
                "192.0.2.1",
                "192.88.99.1",
                "192.168.1.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.9",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::7f00:1",
                "::ffff:127.0.0.1",
                "::ffff:10.1.2.3",
                "64:ff9b::7f00:1",
                "64:ff9b::10.0.0.1",
                "64:ff9b:1::1",
                "100::1",
                "100:0:0:1::1",
                "2001::1",
                "2001:0:7f00:1::",
                "2001:2::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "2002:808:808::",
                "3fff::1",
                "fc00::1",
                "fd00:ec2::254",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void refusesWhatIsNotPublic(String address) throws Exception {
        assertThat(guard.allows("hooks.example", InetAddress.getByName(address)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "100.63.255.255",
                "100.128.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "::ffff:8.8.8.8",
                "64:ff9b::8.8.8.8",
                "2001:4860:4860::8888",
                "2606:4700::1111"
            })
    void letsWhatIsPublicPass(String address) throws Exception {
        assertThat(guard.allows("hooks.example", InetAddress.getByName(address)))
                .isTrue();
    }

    @Test
    void theAllowListOpensWhatItSaysAndNothingElse() throws Exception {
        AddressGuard open = new AddressGuard(List.of("10.20.0.0/16", "fd00:1::/32", "Intern.example.", "::1"));
        assertThat(open.allows("x", InetAddress.getByName("10.20.255.1"))).isTrue();
        assertThat(open.allows("x", InetAddress.getByName("64:ff9b::10.20.0.1")))
                .isTrue();
        assertThat(open.allows("x", InetAddress.getByName("10.21.0.0"))).isFalse();
        assertThat(open.allows("x", InetAddress.getByName("64:ff9b::10.21.0.1")))
                .isFalse();
        assertThat(open.allows("x", InetAddress.getByName("fd00:1::5"))).isTrue();
        assertThat(open.allows("x", InetAddress.getByName("fd00:2::5"))).isFalse();
        assertThat(open.allows("x", InetAddress.getByName("::1"))).isTrue();
        assertThat(open.allows("intern.example", InetAddress.getByName("127.0.0.1")))
                .isTrue();
        assertThat(open.allows("INTERN.EXAMPLE.", InetAddress.getByName("127.0.0.1")))
                .isTrue();
        assertThat(open.allows("not.intern.example", InetAddress.getByName("127.0.0.1")))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.0/33",
                "10.0.0/8",
                "10.0.0.0/",
                "10.1",
                "0x7f.1",
                "intern/8",
                "::1/129",
                "/8",
                "",
                "a b",
                "*"
            })
    void whatIsNeitherARangeNorAHostIsAFault(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> new AddressGuard(List.of(text)));
    }
}
