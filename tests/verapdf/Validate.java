import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/**
 * Validates the files named on standard input, one a line, in the flavours of the first argument.
 *
 * <p>Prints lines of four columns: CHECKED, flavour, file, number of checks; FAILED, flavour, file,
 * what failed and how often.
 */
public class Validate {
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        var flavours = Stream.of(arguments[0].split(",")).map(PDFAFlavour::fromString).toList();
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String file = input.readLine(); file != null; file = input.readLine()) {
            validate(flavours, file);
        }
        OUT.flush();
    }

    /** Reads a file once, for all flavours. */
    private static void validate(List<PDFAFlavour> flavours, String file) throws Exception {
        var foundry = Foundries.defaultInstance();
        try (PDFAParser parser = foundry.createParser(new FileInputStream(file), flavours.get(0));
                PDFAValidator validator = foundry.createValidator(flavours)) {
            for (ValidationResult result : validator.validateAll(parser)) {
                report(result, file);
            }
        }
    }

    private static void report(ValidationResult result, String file) {
        PDFAFlavour flavour = result.getPDFAFlavour();
        print("CHECKED", flavour, file, String.valueOf(result.getTotalAssertions()));
        Map<String, Integer> failures = new TreeMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() == TestAssertion.Status.FAILED) {
                var rule = assertion.getRuleId();
                String what = rule.getClause() + "-" + rule.getTestNumber() + " "
                        + assertion.getMessage() + " at " + assertion.getLocation().getContext();
                failures.merge(what, 1, Integer::sum);
            }
        }
        if (failures.isEmpty() && !result.isCompliant()) {
            failures.put("not compliant", 1);
        }
        failures.forEach((what, times) -> print("FAILED", flavour, file, times + " x " + what));
    }

    private static void print(String kind, PDFAFlavour flavour, String file, String what) {
        String line = what.replaceAll("\\s+", " ");
        OUT.println(String.join("\t", kind, flavour.getId(), file, line));
    }
}
