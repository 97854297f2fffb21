namespace RedLeafSharp.Contracts;

/// <summary>The bits of st_mode.</summary>
public static class FileMode
{
    /// <summary>Mask of the type bits.</summary>
    public const uint TypeMask = 0xF000;

    /// <summary>S_IFIFO.</summary>
    public const uint Fifo = 0x1000;

    /// <summary>S_IFCHR.</summary>
    public const uint CharacterDevice = 0x2000;

    /// <summary>S_IFDIR.</summary>
    public const uint Directory = 0x4000;

    /// <summary>S_IFBLK.</summary>
    public const uint BlockDevice = 0x6000;

    /// <summary>S_IFREG.</summary>
    public const uint Regular = 0x8000;

    /// <summary>S_IFLNK.</summary>
    public const uint SymbolicLink = 0xA000;

    /// <summary>S_IFSOCK.</summary>
    public const uint Socket = 0xC000;

    /// <summary>Mask of the permission bits, set-id and sticky included.</summary>
    public const uint PermissionMask = 0xFFF;

    /// <summary>The type as a listing has it.</summary>
    public static FileType ToFileType(uint mode) => (FileType)((mode & TypeMask) >> 12);
}
