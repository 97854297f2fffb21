using System.CommandLine;
using System.Security.Cryptography;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Packages;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf pack</c>: signs a domain folder.</summary>
internal static class PackCommand
{
    internal static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "The domain folder." };
        var key = new Option<FileInfo>("--key", "-k")
        {
            Description = "The private key: ECDSA on P-256, PEM.",
            HelpName = "KEY.pem",
            Required = true,
        };
        var command = new Command("pack", "Signs a domain folder: writes domain.sig into it.") { folder, key };
        command.SetAction(parsed => Sign(parsed.GetRequiredValue(folder), parsed.GetRequiredValue(key)));
        return command;
    }

    private static int Sign(DirectoryInfo folder, FileInfo keyFile)
    {
        _ = Inputs.ExistingFolder("pack", folder);
        _ = Inputs.ExistingFile("--key", keyFile);
        using ECDsa key = TrustedKeys.ReadKey(keyFile.FullName);
        DomainImage image = DomainImage.Read(folder.FullName);
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, PackageSpec.FileName), PackageSignature.Sign(image.Files, key));
        }
        catch (CryptographicException)
        {
            throw new CommandFailure($"{keyFile}: not a private key", ExitCode.Usage);
        }

        return ExitCode.Pass;
    }
}
