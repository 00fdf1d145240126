package io.noetl.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.noetl.signature.SignaturePolicy.Verdict;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModuleSignatureTest {
  private static final byte[] MODULE = {0, 'a', 's', 'm', 1, 0, 0, 0};
  private static final TestKeys OURS = TestKeys.fresh();
  private static final TestKeys OTHERS = TestKeys.fresh();

  private final List<PublicKey> keys = SigningKeys.publicKeys(OURS.publicPem());
  private final String good = ModuleSignature.of(MODULE, SigningKeys.privateKey(OURS.privatePem()));

  @Test
  void aSignatureIsOfTheseBytesAndOneOfTheKeys() {
    List<PublicKey> two = SigningKeys.publicKeys(OTHERS.publicPem() + OURS.publicPem());
    byte[] altered = MODULE.clone();
    altered[7] ^= 1;

    assertThat(two).hasSize(2);
    assertThat(ModuleSignature.signer(MODULE, good + "\n", two)).contains(two.get(1));
    assertThat(ModuleSignature.signer(altered, good, keys)).isEmpty();
    assertThat(ModuleSignature.signer(MODULE, good, SigningKeys.publicKeys(OTHERS.publicPem())))
        .isEmpty();
    assertThat(ModuleSignature.signer(MODULE, good, List.of())).isEmpty();
  }

  @Test
  void whatIsNoSignatureIsNone() {
    byte[] bytes = Base64.getDecoder().decode(good);
    byte[] altered = bytes.clone();
    altered[0] ^= 1;
    for (String wrong :
        List.of(
            "",
            "not base64!",
            "AAAA",
            Base64.getEncoder().encodeToString(altered),
            Base64.getEncoder().encodeToString(new byte[64]),
            Base64.getEncoder().encodeToString(new byte[10_000]))) {
      assertThat(ModuleSignature.signer(MODULE, wrong, keys)).as(wrong).isEmpty();
    }
  }

  @Test
  void onlyEd25519KeysInPemAreKeys() {
    TestKeys rsa = TestKeys.of("RSA");

    assertThatThrownBy(() -> SigningKeys.publicKeys(rsa.publicPem()))
        .hasMessageContaining("Ed25519");
    assertThatThrownBy(() -> SigningKeys.privateKey(rsa.privatePem()))
        .hasMessageContaining("Ed25519");
    assertThatThrownBy(() -> SigningKeys.publicKeys(OURS.privatePem()))
        .hasMessageContaining("BEGIN PUBLIC KEY");
    assertThatThrownBy(() -> SigningKeys.privateKey("")).hasMessageContaining("found 0");
    assertThatThrownBy(() -> SigningKeys.privateKey(OURS.privatePem() + OTHERS.privatePem()))
        .hasMessageContaining("found 2");
  }

  @Test
  void theSystemAndTenantsThatWantItNeedASignatureAndAWrongOneIsNeverTaken() {
    SignaturePolicy strict = new SignaturePolicy(keys, false, Set.of("acme"));
    SignaturePolicy open = new SignaturePolicy(keys, true, Set.of());
    String wrong = ModuleSignature.of(MODULE, SigningKeys.privateKey(OTHERS.privatePem()));
    Verdict signed = new Verdict.Accepted(SigningKeys.id(keys.getFirst()));
    Verdict unsigned = new Verdict.Accepted(null);

    assertThat(strict.judge("bank", "system/x", true, MODULE, good)).isEqualTo(signed);
    assertThat(strict.judge("acme", "a/x", false, MODULE, good)).isEqualTo(signed);
    assertThat(strict.judge("bank", "a/x", false, MODULE, good)).isEqualTo(signed);
    assertThat(strict.judge("bank", "a/x", false, MODULE, null)).isEqualTo(unsigned);
    assertThat(open.judge("acme", "system/x", true, MODULE, null)).isEqualTo(unsigned);
    for (Verdict refused :
        List.of(
            strict.judge("bank", "system/x", true, MODULE, null),
            strict.judge("bank", "system/x", true, MODULE, " "),
            strict.judge("bank", "system/x", true, MODULE, wrong),
            strict.judge("acme", "a/x", false, MODULE, null),
            strict.judge("bank", "a/x", false, MODULE, wrong),
            open.judge("bank", "system/x", true, MODULE, wrong))) {
      assertThat(refused).isInstanceOf(Verdict.Refused.class);
    }
  }
}
