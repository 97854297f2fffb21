using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace RedLeafSharp.Tests.Ext4;

/// <summary>Calls of Linux on files of a mounted image that .NET has no other way to.</summary>
internal static class LinuxFile
{
    internal const int SeekData = 3;
    internal const int SeekHole = 4;
    private const int NoData = 61;

    internal static void SetAttribute(string path, string name, byte[] value) =>
        Check(lsetxattr(Terminated(path), Terminated(name), value, (nuint)value.Length, 0), $"setxattr {name}");

    /// <summary>The value; null when there is none.</summary>
    internal static byte[]? GetAttribute(string path, string name)
    {
        byte[] buffer = new byte[65536];
        nint length = lgetxattr(Terminated(path), Terminated(name), buffer, (nuint)buffer.Length);
        if (length < 0 && Marshal.GetLastPInvokeError() == NoData)
        {
            return null;
        }

        Check((int)length, $"getxattr {name}");
        return buffer[..(int)length];
    }

    internal static string[] ListAttributes(string path)
    {
        byte[] buffer = new byte[65536];
        nint length = llistxattr(Terminated(path), buffer, (nuint)buffer.Length);
        Check((int)length, "listxattr");
        return Encoding.UTF8.GetString(buffer, 0, (int)length).Split('\0', StringSplitOptions.RemoveEmptyEntries);
    }

    internal static void Allocate(string path, int mode, long offset, long length)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        Check(fallocate((int)file.DangerousGetHandle(), mode, offset, length), "fallocate");
    }

    /// <summary>Offsets at which data and holes take turns, beginning with the first data, to the size.</summary>
    internal static List<long> Edges(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        var edges = new List<long>();
        long at = 0;
        while ((at = lseek((int)file.DangerousGetHandle(), at, SeekData)) >= 0)
        {
            edges.Add(at);
            at = lseek((int)file.DangerousGetHandle(), at, SeekHole);
            edges.Add(at);
        }

        return edges;
    }

    private static byte[] Terminated(string text) => Encoding.UTF8.GetBytes(text + "\0");

    private static void Check(int result, string what) =>
        Assert.True(result >= 0, $"{what}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [DllImport("libc", SetLastError = true)]
    private static extern int lsetxattr(byte[] path, byte[] name, byte[] value, nuint size, int flags);

    [DllImport("libc", SetLastError = true)]
    private static extern nint lgetxattr(byte[] path, byte[] name, byte[] value, nuint size);

    [DllImport("libc", SetLastError = true)]
    private static extern nint llistxattr(byte[] path, byte[] list, nuint size);

    [DllImport("libc", SetLastError = true)]
    private static extern int fallocate(int file, int mode, long offset, long length);

    [DllImport("libc", SetLastError = true)]
    private static extern long lseek(int file, long offset, int whence);
}
