using System.CommandLine;
using RedLeafSharp.Cli.Reports;
using RedLeafSharp.Verification;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf check</c>: verifies domain images as the kernel does before it loads one; runs nothing of them.</summary>
internal static class CheckCommand
{
    internal static Command Create(TextWriter output)
    {
        var files = new Argument<FileInfo[]>("FILE") { Description = "The assemblies.", Arity = ArgumentArity.OneOrMore };
        var format = new Option<string>("--output", "-o")
        {
            Description = "table or json.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "table",
        };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("check", "Says whether assemblies may be loaded as domains; exit status 3 if one may not.")
        {
            files, format,
        };
        command.SetAction(parsed => Check(output, parsed.GetRequiredValue(files), parsed.GetRequiredValue(format)));
        return command;
    }

    private static int Check(TextWriter output, FileInfo[] files, string format)
    {
        CheckedFile[] results = [.. files.Select(Verify)];
        if (format == "json")
        {
            output.WriteLine(CheckReport.Json(results));
        }
        else
        {
            CheckReport.Table(output, results);
        }

        return results.All(result => result.Report.IsClean) ? ExitCode.Pass : ExitCode.Rejected;
    }

    private static CheckedFile Verify(FileInfo file)
    {
        _ = Inputs.ExistingFile("check", file);
        if (file.Length > VerificationLimits.ImageBytesMax)
        {
            throw new CommandFailure($"{file}: larger than {VerificationLimits.ImageBytesMax} bytes", ExitCode.Rejected);
        }

        string symbols = Path.ChangeExtension(file.FullName, ".pdb");
        VerificationReport report = ImageVerifier.Verify(
            File.ReadAllBytes(file.FullName),
            File.Exists(symbols) ? File.ReadAllBytes(symbols) : null,
            file.Name,
            VerificationOptions.Delivered);
        return new CheckedFile(file.ToString(), report);
    }
}
