using System.CommandLine;
using System.Text;
using RedLeafSharp.Cli.Host;
using RedLeafSharp.Kernel;

namespace RedLeafSharp.Cli.CommandLine;

/// <summary><c>redleaf mkfs</c>: an ext4 image, formatted by the file system domain itself.</summary>
internal static class MkfsCommand
{
    /// <summary>The volume name of an ext4 superblock has 16 bytes.</summary>
    private const int LabelBytesMax = 16;

    internal static Command Create()
    {
        var image = new Argument<FileInfo>("IMG") { Description = "The image to make; must not exist." };
        var size = new Argument<long?>("SIZE")
        {
            Description = "Its size: 64M, 2G, ...",
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = Inputs.ParseSize,
        };
        var label = new Option<string>("--label") { Description = "The volume's name.", HelpName = "NAME" };
        label.Validators.Add(result =>
        {
            if (Encoding.UTF8.GetByteCount(result.GetValueOrDefault<string>() ?? "") > LabelBytesMax)
            {
                result.AddError($"--label must be at most {LabelBytesMax} bytes");
            }
        });
        var command = new Command("mkfs", "Makes a disk image with an empty ext4 file system.") { image, size, label };
        command.SetAction(parsed => Make(parsed.GetRequiredValue(image), parsed.GetValue(size)!.Value, parsed.GetValue(label)));
        return command;
    }

    private static int Make(FileInfo image, long sizeBytes, string? label)
    {
        if (image.Exists || Directory.Exists(image.FullName))
        {
            throw new CommandFailure($"{image} exists already; mkfs does not overwrite", ExitCode.Usage);
        }

        try
        {
            using (FileStream file = image.Create())
            {
                SetLength(file, image, sizeBytes);
            }

            using HostLog log = HostLog.Open(null, isVerbose: false);
            using RedLeafSystem system = RedLeafSystem.Boot(SystemDescription.Default, new BootOptions
            {
                DomainsFolder = Domains.Folder,
                DiskPath = image.FullName,
                Format = true,
                Label = label,
                Log = log.Logger,
            });
            system.Shutdown();
            return ExitCode.Pass;
        }
        catch (BootException exception)
        {
            image.Delete(); // half an image would pass for a whole one
            throw new CommandFailure($"{image}: {exception.Message}");
        }
        catch
        {
            image.Delete(); // half an image would pass for a whole one
            throw;
        }
    }

    private static void SetLength(FileStream file, FileInfo image, long sizeBytes)
    {
        try
        {
            file.SetLength(sizeBytes);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw new CommandFailure($"{image}: the host's file system has no files of {sizeBytes} bytes");
        }
    }
}
