using System.Text;
using RedLeafSharp.Contracts;
using Xunit;
using FileAttributes = RedLeafSharp.Contracts.FileAttributes;
using FileMode = RedLeafSharp.Contracts.FileMode;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Files by inode, for servers of files.</summary>
public sealed class FileExportTests
{
    [Fact]
    public void Unlink_LastName_HandsTheFileOverHeld()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            ulong root = Root(context, rig);
            ulong file = MakeFile(context, rig, root, "a"u8);
            Assert.True(rig.Export.Write(context, file, 0, "text"u8).IsOk);

            Assert.Equal(file, rig.Export.Unlink(context, root, "a"u8).Value);

            Assert.Equal(Errno.NoEntry, rig.Export.Lookup(context, root, "a"u8).Error);
            byte[] buffer = new byte[8];
            Assert.Equal(4, rig.Export.Read(context, file, 0, buffer).Value);
            Assert.Equal("text", Encoding.ASCII.GetString(buffer, 0, 4));
            Assert.Equal(0u, rig.Export.GetAttributes(context, file).Value.LinkCount);
            Assert.True(rig.Export.Release(context, file).IsOk);
            Assert.Equal(Errno.NoEntry, rig.Export.GetAttributes(context, file).Error);
        });
    }

    [Fact]
    public void Unlink_OneOfTwoNames_HoldsNothing()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            ulong root = Root(context, rig);
            ulong file = MakeFile(context, rig, root, "a"u8);
            Assert.Equal(2u, rig.Export.Link(context, file, root, "b"u8).Value.LinkCount);

            int holds = rig.Files.HoldCount;

            Assert.Equal(0ul, rig.Export.Unlink(context, root, "a"u8).Value);

            Assert.Equal(holds, rig.Files.HoldCount);
            Assert.Equal(file, rig.Export.Lookup(context, root, "b"u8).Value.Inode);
        });
    }

    [Fact]
    public void Rename_OverAFile_HandsTheReplacedOneOverHeld()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            ulong root = Root(context, rig);
            ulong file = MakeFile(context, rig, root, "a"u8);
            ulong replaced = MakeFile(context, rig, root, "b"u8);

            Assert.Equal(replaced, rig.Export.Rename(context, root, "a"u8, root, "b"u8, RenameFlags.None).Value);
            Assert.Equal(0ul, rig.Export.Rename(context, root, "b"u8, root, "c"u8, RenameFlags.None).Value);

            Assert.Equal(file, rig.Export.Lookup(context, root, "c"u8).Value.Inode);
            Assert.Equal(0u, rig.Export.GetAttributes(context, replaced).Value.LinkCount);
            Assert.True(rig.Export.Release(context, replaced).IsOk);
        });
    }

    [Fact]
    public void RemoveDirectory_Refused_HoldsNothing()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            ulong root = Root(context, rig);
            ulong directory = rig.Export.Create(context, root, "d"u8, FileMode.Directory | 0x1ED, 0, 0).Value.Inode;
            MakeFile(context, rig, directory, "a"u8);
            int holds = rig.Files.HoldCount;

            Assert.Equal(Errno.NotEmpty, rig.Export.RemoveDirectory(context, root, "d"u8).Error);
            Assert.Equal(holds, rig.Files.HoldCount);
        });
    }

    [Fact]
    public void Create_ForAUser_TakesModeAndOwnersAsTheyAre()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            FileAttributes made = rig.Export.Create(context, Root(context, rig), "a"u8, FileMode.Regular | 0x1FF, 1000, 1001).Value;

            Assert.Equal((FileMode.Regular | 0x1FF, 1000u, 1001u), (made.Mode, made.UserId, made.GroupId));
        });
    }

    [Fact]
    public void Call_FromAProcessThatIsNotTheHosts_IsRefused()
    {
        using var rig = new PosixRig();
        rig.RunKernel(context =>
        {
            Assert.Equal(Errno.NotPermitted, rig.Export.GetStatus(context).Error);
            Assert.Equal(Errno.NotPermitted, rig.Export.Unlink(context, 1, "a"u8).Error);
        });
    }

    private static ulong Root(CallContext context, PosixRig rig) => rig.Export.GetStatus(context).Value.RootInode;

    private static ulong MakeFile(CallContext context, PosixRig rig, ulong directory, ReadOnlySpan<byte> name)
    {
        Reply<FileAttributes, Errno> made = rig.Export.Create(context, directory, name, FileMode.Regular | 0x1A4, 0, 0);
        Assert.True(made.IsOk, made.ToString());
        return made.Value.Inode;
    }
}
