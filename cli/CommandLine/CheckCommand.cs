using System.CommandLine;
using RedLeafSharp.Cli.Reports;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Boot;
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
        string symbols = Path.ChangeExtension(file.FullName, ".pdb");
        VerificationReport report = ImageVerifier.Verify(
            Read(file.FullName), File.Exists(symbols) ? Read(symbols) : null, file.Name, VerificationOptions.Delivered);
        return new CheckedFile(file.ToString(), report);
    }

    private static byte[] Read(string path)
    {
        try
        {
            return BoundedFile.Read(path, VerificationLimits.ImageBytesMax);
        }
        catch (Exception exception) when (exception is BootException or IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(exception.Message, ExitCode.Rejected);
        }
    }
}
