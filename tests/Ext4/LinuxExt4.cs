using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>What Linux and e2fsprogs do with an image: the other side of every test of compatibility.</summary>
internal sealed class LinuxExt4 : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-ext4-").FullName;

    private LinuxExt4()
    {
        ImagePath = Path.Combine(folder, "disk.img");
        Tree = Directory.CreateDirectory(Path.Combine(folder, "tree")).FullName;
    }

    internal string ImagePath { get; }

    /// <summary>A folder for the tree that an image is made from or compared with.</summary>
    internal string Tree { get; }

    /// <summary>mkfs.ext4 with the given options.</summary>
    internal static LinuxExt4 Make(long sizeBytes, params string[] options)
    {
        var linux = new LinuxExt4();
        linux.Format(sizeBytes, options);
        return linux;
    }

    internal static LinuxExt4 Empty() => new();

    /// <summary>An image as a file, to be judged by Linux.</summary>
    internal static LinuxExt4 Of(byte[] image)
    {
        var linux = new LinuxExt4();
        File.WriteAllBytes(linux.ImagePath, image);
        return linux;
    }

    /// <summary>Whether e2fsck finds nothing at all; with its words when it does.</summary>
    internal static void MustBeClean(byte[] image)
    {
        using LinuxExt4 linux = Of(image);
        (int status, string output) = Outside.Run("e2fsck", "-fn", linux.ImagePath);
        Assert.True(status == 0, $"e2fsck -fn: {status}\n{output}");
    }

    internal void Format(long sizeBytes, params string[] options)
    {
        using (FileStream file = File.Create(ImagePath))
        {
            file.SetLength(sizeBytes);
        }

        Must("mkfs.ext4", ["-q", "-F", .. options, ImagePath]);
    }

    internal byte[] Read() => File.ReadAllBytes(ImagePath);

    internal void Write(byte[] image) => File.WriteAllBytes(ImagePath, image);

    /// <summary>Runs debugfs commands on the image, writing if need be.</summary>
    internal string Debug(params string[] commands)
    {
        string script = Path.Combine(folder, "commands");
        File.WriteAllLines(script, commands);
        return Must("debugfs", "-w", "-f", script, ImagePath);
    }

    /// <summary>Mounts the image with the kernel of this machine, and runs something on the mount point.</summary>
    internal void WithMount(bool isReadOnly, Action<string> use)
    {
        string mountPoint = Directory.CreateDirectory(Path.Combine(folder, "mnt")).FullName;
        Must("mount", "-t", "ext4", "-o", isReadOnly ? "loop,ro" : "loop", ImagePath, mountPoint);
        try
        {
            use(mountPoint);
        }
        finally
        {
            Outside.Unmount(mountPoint);
        }
    }

    internal static string Must(string tool, params string[] arguments)
    {
        (int status, string output) = Outside.Run(tool, arguments);
        Assert.True(status == 0, $"{tool} {string.Join(' ', arguments)}: {status}\n{output}");
        return output;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
